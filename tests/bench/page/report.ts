/** The figures of all loads, as a table and as a file. */
import type { Contender } from './contender.ts';
import type { Load } from './load.ts';
import { differences, interval } from './statistics.ts';
import type { Interval } from './statistics.ts';
import type { MainThread } from './trace.ts';

export interface Row {
	readonly contender: Contender;
	/** By speed, then lap. */
	readonly loads: readonly Load[][];
}

export interface Run {
	readonly machine: { readonly cpu: string; readonly cores: number };
	readonly browser: string;
	readonly date: string;
	readonly laps: number;
	readonly quick: boolean;
	/** Of the machine, before and after. */
	readonly load: readonly [number, number];
	readonly slower: readonly number[];
	readonly rows: readonly Row[];
	readonly absent: readonly { readonly name: string; readonly absent: string }[];
	readonly shown: readonly (readonly number[])[];
}

/** One tool at one speed; everything but the counts is the paired difference to the page with nothing. */
export interface Cell {
	/** Its slices, and unowned work in excess of the empty page's: processor time at 1x, time on the clock where the browser is slowed down. */
	readonly own: Interval;
	/** The difference of everything the main thread did, on the same clock. */
	readonly total: Interval;
	/** Of `own` what names the tool's address: less than all of it, and hardly moved by what else the machine does. */
	readonly named: Interval;
	/** Both clocks of `own`. */
	readonly ownCpu: Interval;
	readonly ownWall: Interval;
	readonly longTasks: Interval;
	/** In all laps together. */
	readonly longWithTool: number;
	readonly longByTool: number;
	readonly heap: Interval;
	readonly lcp: Interval;
	readonly fcp: Interval;
	readonly ttfb: Interval;
	readonly cls: Interval;
	readonly elsewhere: Interval;
	readonly inp: Interval | undefined;
	readonly handCls: Interval | undefined;
	readonly handOwn: Interval | undefined;
	readonly handLongByTool: number;
	/** Where the tool's own time goes, median milliseconds by the slice's name, the largest first. */
	readonly slices: readonly (readonly [string, number])[];
	/** What stands in nobody's slice, in excess of the page with nothing, at load and by hand. */
	readonly nobodys: readonly (readonly [string, number])[];
	readonly nobodysByHand: readonly (readonly [string, number])[];
}

export interface Line {
	readonly name: string;
	readonly shows: boolean;
	readonly told: string;
	/** Bytes over the wire and requests of a load, median at the first speed. */
	readonly bytes: number;
	readonly requests: number;
	readonly live: boolean;
	readonly unanswered: readonly string[];
	readonly cells: readonly Cell[];
}

export interface Summary extends Omit<Run, 'rows' | 'shown'> {
	readonly lines: readonly Line[];
	readonly shown: readonly Interval[];
	/** By speed, what the page with nothing itself comes to. */
	readonly empty: readonly {
		readonly total: Interval;
		readonly lcp: Interval;
		readonly fcp: Interval;
		readonly inp: Interval;
	}[];
}

/** The browser slows a thread down by letting it wait, which processor time does not see. */
const clockOf = (slower: number): 'cpu' | 'wall' => (slower === 1 ? 'cpu' : 'wall');
const ownOf = (main: MainThread, clock: 'cpu' | 'wall'): number => main[clock].tool + main[clock].loose;

function cell(loads: readonly Load[], bases: readonly Load[], slower: number): Cell {
	const clock = clockOf(slower);
	const paired = (of: (one: Load) => number | undefined): Interval =>
		interval(
			differences(
				loads.map((one) => of(one) ?? NaN),
				bases.map((one) => of(one) ?? NaN),
			),
		);
	const hand = loads.some((one) => one.hand !== undefined);
	const names = new Set(loads.flatMap(({ main }) => Object.keys(main.byName)));
	const slices = [...names].map(
		(name) => [name, interval(loads.map(({ main }) => main.byName[name] ?? 0)).median] as const,
	);
	const excess = (of: (one: Load) => MainThread | undefined): (readonly [string, number])[] => {
		const all = new Set(loads.flatMap((one) => Object.keys(of(one)?.looseByName ?? {})));
		const each = [...all].map((name) => [name, paired((one) => of(one)?.looseByName[name] ?? 0).median] as const);
		return each.sort((a, b) => b[1] - a[1]).slice(0, 6);
	};
	const sum = (of: (one: Load) => number): number => loads.reduce((all, one) => all + of(one), 0);
	return {
		own: paired(({ main }) => ownOf(main, clock)),
		named: paired(({ main }) => main[clock].tool),
		total: paired(({ main }) => main[clock].total),
		ownCpu: paired(({ main }) => ownOf(main, 'cpu')),
		ownWall: paired(({ main }) => ownOf(main, 'wall')),
		longTasks: paired(({ main }) => main.longTasks),
		longWithTool: sum(({ main }) => main.longWithTool),
		longByTool: sum(({ main }) => main.longByTool),
		heap: paired(({ heapBytes }) => heapBytes),
		lcp: paired(({ vitals }) => vitals.lcp),
		fcp: paired(({ vitals }) => vitals.fcp),
		ttfb: paired(({ vitals }) => vitals.ttfb),
		cls: paired(({ vitals }) => vitals.cls),
		elsewhere: paired(({ main }) => main.elsewhere),
		inp: hand ? paired((one) => one.hand?.inp) : undefined,
		handCls: hand ? paired((one) => one.hand?.cls) : undefined,
		handOwn: hand ? paired((one) => one.hand && ownOf(one.hand.main, clock)) : undefined,
		handLongByTool: sum((one) => one.hand?.main.longByTool ?? 0),
		slices: slices.sort((a, b) => b[1] - a[1]).slice(0, 8),
		nobodys: excess(({ main }) => main),
		nobodysByHand: excess((one) => one.hand?.main),
	};
}

export function summary(run: Run): Summary {
	const { rows, shown, ...rest } = run;
	const [base] = rows;
	if (!base) throw new Error('nothing was measured');
	return {
		...rest,
		lines: rows.slice(1).map(({ contender, loads }) => {
			const [first = []] = loads;
			return {
				name: contender.name,
				shows: contender.shows,
				told: contender.told,
				bytes: interval(first.map(({ bytes }) => bytes)).median,
				requests: interval(first.map(({ requests }) => requests)).median,
				live: loads.flat().every(({ live }) => live),
				unanswered: [...new Set(loads.flat().flatMap(({ unanswered }) => unanswered))].slice(0, 10),
				cells: loads.map((of, speed) => cell(of, base.loads[speed]!, run.slower[speed]!)),
			};
		}),
		shown: shown.map((of) => interval(of)),
		empty: base.loads.map((loads, speed) => ({
			total: interval(loads.map(({ main }) => main[clockOf(run.slower[speed]!)].total)),
			lcp: interval(loads.map(({ vitals }) => vitals.lcp)),
			fcp: interval(loads.map(({ vitals }) => vitals.fcp)),
			inp: interval(loads.map(({ hand }) => hand?.inp ?? NaN)),
		})),
	};
}

const digits = (value: number): string =>
	Number.isNaN(value) ? '-' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
const ranged = (of: Interval | undefined, unit = 1): string =>
	of ? `${digits(of.median / unit)} [${digits(of.low / unit)}, ${digits(of.high / unit)}]` : '-';

function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
	const line = (row: readonly string[]): string =>
		row.map((one, at) => (at ? one.padStart(widths[at]!) : one.padEnd(widths[0]!))).join('  ');
	return `${[head, ...rows].map((row) => line(row).trimEnd()).join('\n')}\n`;
}

export function table(made: Summary): string {
	const { machine, browser, laps, load, quick, date } = made;
	const parts = [
		`\n${machine.cpu}, ${machine.cores} cores, load ${load[0].toFixed(1)} to ${load[1].toFixed(1)}; ${browser}; ${date.slice(0, 10)}; ${laps} paired loads\n`,
		quick ? 'A quick run: it shows that everything runs; its figures mean little.\n' : '',
		'All are differences to the same page with nothing, median [95 % interval]; "nothing, again" is the noise.\n',
	];
	for (const [speed, slower] of made.slower.entries()) {
		const empty = made.empty[speed]!;
		parts.push(
			`\n${slower}x, ${clockOf(slower) === 'cpu' ? 'processor time' : 'time on the clock'}, at load (the page by itself: main thread ${ranged(empty.total)} ms, LCP ${ranged(empty.lcp)}, INP ${ranged(empty.inp)})\n`,
			columns(
				[
					'',
					'bytes',
					'requests',
					'its ms',
					'of that by name',
					'all main thread ms',
					'other threads ms',
					'long tasks: by it / with it',
					'heap KB',
				],
				made.lines.map(({ name, live, bytes, requests, cells }) => {
					const of = cells[speed]!;
					return [
						live ? name : `${name} (not live)`,
						String(bytes),
						String(requests),
						ranged(of.own),
						ranged(of.named),
						ranged(of.total),
						ranged(of.elsewhere),
						`${of.longByTool} / ${of.longWithTool}`,
						ranged(of.heap, 1000),
					];
				}),
			),
			`\n${slower}x, what a visitor feels\n`,
			columns(
				['', 'LCP ms', 'FCP ms', 'CLS', 'INP ms', 'CLS by hand', 'its ms by hand', 'long by it'],
				made.lines.map(({ name, cells }) => {
					const of = cells[speed]!;
					return [
						name,
						ranged(of.lcp),
						ranged(of.fcp),
						ranged(of.cls),
						ranged(of.inp),
						ranged(of.handCls),
						ranged(of.handOwn),
						String(of.handLongByTool),
					];
				}),
			),
			`\nNoren's widget on the screen after its condition, fetched ahead: ${ranged(made.shown[speed])} ms\n`,
		);
	}
	parts.push("\nWhere the time goes, 1x, median ms of the slices that are the tool's\n");
	for (const { name, cells } of made.lines)
		if (cells[0]!.slices.length)
			parts.push(`  ${name}: ${cells[0]!.slices.map(([of, ms]) => `${of} ${digits(ms)}`).join(', ')}\n`);
	parts.push("\nIn nobody's slice beyond the page with nothing, 1x, processor time\n");
	const list = (of: readonly (readonly [string, number])[]): string =>
		of.map(([name, ms]) => `${name} ${digits(ms)}`).join(', ');
	for (const { name, cells } of made.lines)
		parts.push(`  ${name}: ${list(cells[0]!.nobodys)}; by hand: ${list(cells[0]!.nobodysByHand)}\n`);
	for (const { name, unanswered } of made.lines)
		if (unanswered.length) parts.push(`  nobody answered ${name}: ${unanswered.join(', ')}\n`);
	for (const { name, absent } of made.absent) parts.push(`  ${name} took no part: ${absent}\n`);
	return parts.join('');
}
