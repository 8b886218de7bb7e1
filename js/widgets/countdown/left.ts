import type { Countdown } from '../../shared/widget.ts';

/** Unix ms by the visitor's clock, or `undefined` where there is none. `remembered` is what `deadlineOf` gave before, as text. */
export function deadlineOf(
	{ until, minutes }: Countdown,
	now: number,
	remembered: string | undefined,
): number | undefined {
	const at = until !== undefined ? Date.parse(until) : Number(remembered) || now + Number(minutes) * 60_000;
	return Number.isFinite(at) ? at : undefined;
}

/** Whole units that are left: a moment that has begun counts until it is over, so that zero is the end and not the second before it. */
export function leftOf(
	deadline: number,
	now: number,
): readonly [days: number, hours: number, minutes: number, seconds: number] {
	const s = Math.max(0, Math.ceil((deadline - now) / 1000));
	return [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
}

/** The two largest units in words, `1 hour 5 minutes`: what somebody is told who does not see the figures. */
export function spokenLeft(left: readonly number[], language: string): string {
	const units = ['day', 'hour', 'minute', 'second'];
	const first = left.findIndex((value) => value > 0);
	return left
		.map((value, i): string | undefined => {
			const told = first < 0 ? i === 3 : i === first || (i === first + 1 && value > 0);
			const format = { style: 'unit', unit: units[i], unitDisplay: 'long' } as const;
			return told ? new Intl.NumberFormat(language, format).format(value) : undefined;
		})
		.filter((text) => text !== undefined)
		.join(' ');
}
