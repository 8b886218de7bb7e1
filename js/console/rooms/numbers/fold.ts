/** The edge's rows put together for reading: one group a campaign, each variant beside its control. Pure. */
import type { Estimate, NumbersRow } from '../../api/types.ts';

export interface Phase {
	/** A hash of what was compared: names the phase, says nothing of its time. */
	readonly phase: number;
	readonly visitors: number;
	/** Variants in the order of their names, the control last. */
	readonly rows: readonly NumbersRow[];
}

export interface Group {
	readonly id: string;
	/** The one with most visitors first. Figures of different phases are never added up: what was compared was not the same thing. */
	readonly phases: readonly Phase[];
}

export function group(rows: readonly NumbersRow[]): Group[] {
	const groups = new Map<string, Map<number, NumbersRow[]>>();
	for (const row of rows) {
		const phases = groups.get(row.id) ?? new Map<number, NumbersRow[]>();
		groups.set(row.id, phases);
		phases.set(row.phase, [...(phases.get(row.phase) ?? []), row]);
	}
	return [...groups].map(([id, phases]) => ({
		id,
		phases: [...phases]
			.map(([phase, rows]) => ({
				phase,
				visitors: rows.reduce((sum, row) => sum + row.visitors, 0),
				rows: rows.sort((a, b) => Number(isControl(a)) - Number(isControl(b)) || (a.variant < b.variant ? -1 : 1)),
			}))
			.sort((a, b) => b.visitors - a.visitors || a.phase - b.phase),
	}));
}

export function isControl(row: NumbersRow): boolean {
	return row.arm === 'control';
}

/** What a lift's interval lets one say, and no more: where it holds zero no difference has been shown. */
export type Reading = 'none' | 'open' | 'above' | 'below';

export function reading(lift: Estimate | null): Reading {
	if (lift === null) return 'none';
	if (lift.low > 0) return 'above';
	return lift.high < 0 ? 'below' : 'open';
}

export const SPANS = ['today', 'week', 'month', 'all'] as const;
export type Span = (typeof SPANS)[number];

/**
 * Where a span begins: at midnight where the reader is, so that "today" is their day; undefined for all time. Days are counted on
 * the calendar, not in hours: a day that changes the clock has 23 or 25.
 */
export function beginning(span: Span, now: Date): number | undefined {
	if (span === 'all') return undefined;
	const start = new Date(now);
	start.setHours(0, 0, 0, 0);
	start.setDate(start.getDate() - (span === 'today' ? 0 : span === 'week' ? 6 : 29));
	return start.getTime();
}
