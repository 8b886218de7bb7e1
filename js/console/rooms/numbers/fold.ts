/** The edge's rows put together for reading: one group a campaign, each variant beside its control. Pure. */
import type { Estimate, NumbersRow } from '../../api/types.ts';

export interface Line {
	readonly variant: string;
	readonly control: boolean;
	readonly shown: number;
	/** Each at the first exposure: what conversions are divided by. */
	readonly visitors: number;
	readonly impressions: number;
	readonly closed: number;
	readonly clicked: number;
	readonly converted: number;
	readonly value: number;
	/** Converted of visitors with its interval; null where there is nothing to say. */
	readonly rate: Estimate | null;
	/** Over the control; null in the control itself and where there is nothing to compare with. */
	readonly lift: Estimate | null;
}

export interface Phase {
	readonly phase: number;
	/** Variants in the order of their names, the control last. */
	readonly lines: readonly Line[];
}

export interface Group {
	readonly id: string;
	/** Newest first. Figures of different phases are never added up: what was compared was not the same thing. */
	readonly phases: readonly Phase[];
}

/** Rows of one arm that came in pieces become one line. */
export function group(rows: readonly NumbersRow[]): Group[] {
	const groups = new Map<string, Map<number, Line[]>>();
	for (const row of rows) {
		const phases = groups.get(row.id) ?? new Map<number, Line[]>();
		groups.set(row.id, phases);
		const lines = phases.get(row.phase) ?? [];
		phases.set(row.phase, lines);
		const control = row.arm === 'control';
		const index = lines.findIndex((line) => line.control === control && (control || line.variant === row.variant));
		const had = lines[index];
		const line: Line = {
			variant: control ? '' : row.variant,
			control,
			shown: row.shown + (had?.shown ?? 0),
			visitors: row.visitors + (had?.visitors ?? 0),
			impressions: row.impressions + (had?.impressions ?? 0),
			closed: row.closed + (had?.closed ?? 0),
			clicked: row.clicked + (had?.clicked ?? 0),
			converted: row.converted + (had?.converted ?? 0),
			value: row.value + (had?.value ?? 0),
			// An interval belongs to the counts it was made of: two pieces have none together.
			rate: had === undefined ? row.rate : null,
			lift: had === undefined ? row.lift : null,
		};
		if (index === -1) lines.push(line);
		else lines[index] = line;
	}
	return [...groups].map(([id, phases]) => ({
		id,
		phases: [...phases]
			.map(([phase, lines]) => ({
				phase,
				lines: lines.sort((a, b) => Number(a.control) - Number(b.control) || compare(a.variant, b.variant)),
			}))
			.sort((a, b) => b.phase - a.phase),
	}));
}

/** What a lift's interval lets one say, and no more: where it holds zero no difference has been shown. */
export type Reading = 'none' | 'open' | 'above' | 'below';

export function reading(lift: Estimate | null): Reading {
	if (lift === null) return 'none';
	if (lift.low > 0) return 'above';
	return lift.high < 0 ? 'below' : 'open';
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
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
