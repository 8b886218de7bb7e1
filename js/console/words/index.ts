/** Words, dates and numbers in the language and time zone of the person who reads. */
import { computed } from '@preact/signals';
import { language } from '../app/prefs.ts';
import { en, type Word } from './en.ts';
import { ja } from './ja.ts';
import { fill, pick, type Values } from './language.ts';

const TABLES = { en, ja } as const;

/** The sentence for a word of the table. Reading it in a component makes the component follow the language. */
export function t(word: Word, values?: Values): string {
	return fill(TABLES[language.value][word], values, number);
}

/** A text given by language: the reader's. */
export function textOf(text: unknown): string {
	return pick(text, language.value);
}

const formats = computed(() => {
	const locale = language.value;
	return {
		number: new Intl.NumberFormat(locale),
		decimal: new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }),
		percent: new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }),
		signed: new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
		moment: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
		clock: new Intl.DateTimeFormat(locale, { timeStyle: 'short' }),
		day: new Intl.DateTimeFormat(locale, { dateStyle: 'full' }),
		relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
		unit: (unit: 'second' | 'minute' | 'hour' | 'day', display: 'short' | 'narrow') =>
			new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: display }),
	};
});

export function number(value: number): string {
	return formats.value.number.format(value);
}

export function decimal(value: number): string {
	return formats.value.decimal.format(value);
}

/** A share of a whole, 0 to 1. */
export function percent(share: number): string {
	return formats.value.percent.format(share);
}

/** A share with what it is more or less than something else: "+12.5%". */
export function signed(share: number): string {
	return formats.value.signed.format(share);
}

/** Date and time. */
export function moment(at: number): string {
	return formats.value.moment.format(at);
}

/** Time of day. */
export function clock(at: number): string {
	return formats.value.clock.format(at);
}

export function day(at: number): string {
	return formats.value.day.format(at);
}

/** "3 minutes ago"; within the minute "now", because a list that counts seconds is a list nobody can read. */
export function ago(at: number, now: number): string {
	const past = Math.max(0, now - at);
	const { relative } = formats.value;
	if (past < 60_000) return relative.format(0, 'second');
	if (past < 3_600_000) return relative.format(-Math.floor(past / 60_000), 'minute');
	if (past < 86_400_000) return relative.format(-Math.floor(past / 3_600_000), 'hour');
	return relative.format(-Math.floor(past / 86_400_000), 'day');
}

/** "2 min 5 s": how long somebody is here. */
export function lasting(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1_000));
	const { unit } = formats.value;
	const parts: [number, 'second' | 'minute' | 'hour'][] =
		seconds < 60
			? [[seconds, 'second']]
			: seconds < 3_600
				? [
						[Math.floor(seconds / 60), 'minute'],
						[seconds % 60, 'second'],
					]
				: [
						[Math.floor(seconds / 3_600), 'hour'],
						[Math.floor((seconds % 3_600) / 60), 'minute'],
					];
	return parts.map(([value, name]) => unit(name, 'short').format(value)).join(' ');
}

/** The reader's time zone by name, with its distance from UTC now. */
export function zone(): string {
	const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
	const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
		.formatToParts(Date.now())
		.find((part) => part.type === 'timeZoneName')?.value;
	return offset === undefined || offset === timeZone ? timeZone : `${timeZone} (${offset})`;
}
