/** The figures as tables for a terminal. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { LIMIT, NATIVE, NOREN } from './contenders.ts';
import type { Spread } from './measure.ts';
import type { Warm } from './warm.ts';

export interface Size {
	readonly campaigns: number;
	readonly results: readonly Warm[];
	/** By title, why somebody does not take part. */
	readonly absent: Readonly<Record<string, string>>;
	/** Events and stays asked about, and decisions opened at them. */
	readonly asked: number;
	readonly opened: number;
	readonly programBytes: number;
	readonly decodeNativeMs: Spread;
	/** Decoding, and an engine for a new visitor. */
	readonly startNativeMs: Spread;
	readonly nativeBytes: number;
}

export interface ColdRow {
	readonly title: string;
	readonly absent?: string | undefined;
	/** Everything read from the disk: code, rules, what is remembered. */
	readonly bytes: number;
	readonly wholeMs: Spread;
	readonly ratio: Spread;
	readonly loadMs: number;
	readonly readyMs: number;
	readonly eventsMs: number;
	readonly heapBytes: number;
	readonly wasmBytes: number;
}

export interface Boundary {
	readonly campaigns: number;
	/** A message for nothing, and an event that no campaign listens to; microseconds. */
	readonly nothing: Spread;
	readonly unheard: Spread;
	/** From the program's bytes to an agent that is ready, milliseconds. */
	readonly startMs: Spread;
}

export interface Report {
	readonly quick: boolean;
	readonly sizes: readonly Size[];
	readonly flat: readonly { readonly campaigns: number; readonly results: readonly Warm[] }[];
	readonly boundaries: readonly Boundary[];
	readonly cold: { readonly campaigns: number; readonly processes: number; readonly rows: readonly ColdRow[] };
}

/** Three digits that mean something. */
const short = (n: number): string =>
	Number.isNaN(n) ? '-' : n >= 100 ? Math.round(n).toLocaleString('en') : n >= 10 ? n.toFixed(1) : n.toFixed(2);
const ranged = ({ median, low, high }: Spread): string => `${short(median)} [${short(low)}-${short(high)}]`;
const kilobytes = (n: number): string => `${short(n / 1000)} kB`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
	const line = (row: readonly string[]): string =>
		row
			.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!)))
			.join('  ')
			.trimEnd();
	return [head, ...rows].map(line).join('\n') + '\n';
}

/** By the last size's figures, those who are missing there last. */
function ordered(sizes: readonly Size[]): string[] {
	const titles = new Set(
		sizes.flatMap(({ results, absent }) => [...results.map(({ title }) => title), ...Object.keys(absent)]),
	);
	const last = (title: string): number =>
		sizes.reduce((found, { results }) => results.find((row) => row.title === title)?.us.median ?? found * 1000, 1);
	return [...titles].sort((a, b) => last(a) - last(b));
}

function warmTables(sizes: readonly Size[]): string {
	const titles = ordered(sizes);
	const head = ['', ...sizes.map(({ campaigns }) => `${campaigns.toLocaleString('en')} campaigns`)];
	const rows = (cell: (row: Warm) => string): string[][] =>
		titles.map((title) => [
			title,
			...sizes.map(({ results }) => {
				const row = results.find((one) => one.title === title);
				return row ? cell(row) : '-';
			}),
		]);
	const reasons = titles.flatMap((title) => {
		const without = sizes.filter(({ absent }) => title in absent);
		const why = without[0]?.absent[title];
		const where =
			without.length === sizes.length
				? ''
				: ` at ${without.map((size) => size.campaigns.toLocaleString('en')).join(', ')}`;
		return why ? [`  - ${title}${where}: ${why}`] : [];
	});
	const density = sizes.map(
		({ campaigns, opened, asked }) => `${campaigns.toLocaleString('en')}: ${short(opened / asked)}`,
	);
	return [
		`Warm, times the limit (${LIMIT}): median of the laps [quartiles]\n`,
		table(
			head,
			rows(({ ratio }) => ranged(ratio)),
		),
		'\nWarm, microseconds an event: median\n',
		table(
			head,
			rows(({ us }) => short(us.median)),
		),
		`\nAll answers agreed. Decisions opened an event, by campaigns: ${density.join(', ')}.\n`,
		reasons.length ? `${reasons.join('\n')}\n` : '',
	].join('');
}

function coldTable({ campaigns, processes, rows }: Report['cold']): string {
	const sorted = [...rows].sort((a, b) => (a.wholeMs.median || Infinity) - (b.wholeMs.median || Infinity));
	const cells = sorted.map((row) =>
		row.absent
			? [row.title, 'absent']
			: [
					row.title,
					ranged(row.wholeMs),
					ranged(row.ratio),
					short(row.loadMs),
					short(row.readyMs),
					short(row.eventsMs),
					kilobytes(row.bytes),
					kilobytes(row.heapBytes),
					row.wasmBytes ? kilobytes(row.wasmBytes) : '-',
				],
	);
	const head = ['', 'ms', 'times the limit', 'code', 'rules', 'ten events', 'on disk', 'heap', 'wasm memory'];
	return `Cold: ${campaigns.toLocaleString('en')} campaigns, ${processes} fresh processes each, disk to tenth event\n${table(head, cells)}`;
}

function flatTable(flat: Report['flat']): string {
	const titles = flat[0]?.results.map(({ title }) => title) ?? [];
	const us = (n: number, title: string): number =>
		flat[n]?.results.find((row) => row.title === title)?.us.median ?? NaN;
	const rows = titles.map((title) => [
		title,
		...flat.map((_, n) => short(us(n, title))),
		`${short(us(flat.length - 1, title) / us(0, title))} x`,
	]);
	const head = ['', ...flat.map(({ campaigns }) => campaigns.toLocaleString('en')), 'growth'];
	return `An event that can change ten campaigns, microseconds, by how many there are\n${table(head, rows)}`;
}

function norenTables({ sizes, boundaries, flat }: Report): string {
	const rows = boundaries.map(({ campaigns, nothing, unheard, startMs }, n) => {
		const size = sizes[n]!;
		const thousand = 1000 / campaigns;
		return [
			campaigns.toLocaleString('en'),
			short(size.programBytes / campaigns),
			ranged(size.decodeNativeMs),
			short(size.decodeNativeMs.median * thousand),
			short(size.startNativeMs.median * thousand),
			short(startMs.median * thousand),
			ranged(nothing),
			ranged(unheard),
			size.nativeBytes ? kilobytes(size.nativeBytes) : '-',
		];
	});
	const head = [
		'campaigns',
		'bytes each',
		'decode ms, native',
		'a thousand',
		'with engine',
		'wasm, start',
		'nothing, us',
		'unheard event, us',
		'native memory',
	];
	return `${NOREN} and ${NATIVE} by themselves\n${table(head, rows)}${flat.length ? '' : '\n'}`;
}

export function report(done: Report): string {
	const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}`;
	const versions = `Node ${process.versions.node}, V8 ${process.versions.v8}`;
	const quick = done.quick ? 'A quick run: it shows that all agree; its times mean little.\n' : '';
	return [
		`\n${machine}; ${versions}; ${new Date().toISOString().slice(0, 10)}\n${quick}`,
		warmTables(done.sizes),
		coldTable(done.cold),
		flatTable(done.flat),
		norenTables(done),
	].join('\n');
}
