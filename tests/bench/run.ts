/**
 * `cargo xtask bench rules`: all contenders in one run, on the same campaigns and the same visitor, each held to the same answers.
 *
 * node --expose-gc run.ts --work DIR --packages DIR... --noren FILE --driver FILE --wasm FILE [--quick]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cold } from './cold.ts';
import type { Input } from './contender.ts';
import { contenders, LIMIT, NATIVE, NOREN, wasmOf, type Entry } from './contenders.ts';
import { microsecondsEach, spread } from './measure.ts';
import { native, underNode } from './child.ts';
import type { Agent } from './noren.ts';
import { report, type Boundary, type ColdRow, type Report, type Size } from './report.ts';
import { document, mixed, spread as spreadRules, type Rule } from './rules.ts';
import { past, PAST_VISITS, spreadEvents, spreadPage, visit } from './visits.ts';
import { agree, asked, warm, type Plan, type Runner } from './warm.ts';

const { values } = parseArgs({
	options: {
		work: { type: 'string' },
		packages: { type: 'string', multiple: true },
		missing: { type: 'string' },
		noren: { type: 'string' },
		driver: { type: 'string' },
		wasm: { type: 'string' },
		quick: { type: 'boolean' },
	},
});
const given = (name: 'work' | 'noren' | 'driver' | 'wasm' | 'missing'): string => {
	const value = values[name];
	if (value === undefined) throw new Error(`--${name} is missing`);
	return value;
};
const work = given('work');
const quick = values.quick ?? false;
const noren = given('noren');

/** When the campaigns are compiled; it decides nothing here, as none of them has a schedule. */
const COMPILED_AT = String(Date.UTC(2026, 0, 1));
/** At ten thousand campaigns, whose lap would take longer by ten times its time with a thousand is left out. */
const LAP_MOST_MS = 4000;
const LEFT_OUT_FROM = 10_000;

interface Work {
	readonly campaigns: number;
	readonly visits: number;
	readonly laps: number;
}
const SIZES: readonly Work[] = quick
	? [
			{ campaigns: 100, visits: 2, laps: 2 },
			{ campaigns: 1000, visits: 1, laps: 2 },
		]
	: [
			{ campaigns: 10, visits: 20, laps: 21 },
			{ campaigns: 100, visits: 6, laps: 21 },
			{ campaigns: 1000, visits: 2, laps: 30 },
			{ campaigns: 10_000, visits: 1, laps: 21 },
		];
/** A contender that has run so long at one size drops out, after three laps at least. */
const BUDGET_MS = quick ? 500 : 3000;
const COLD = quick ? { campaigns: 100, processes: 1 } : { campaigns: 1000, processes: 7 };
const FLAT = quick ? [100, 1000] : [100, 1000, 10_000];

mkdirSync(work, { recursive: true });
const say = (line: string): void => void process.stderr.write(`   ${line}\n`);

/** The documents compiled by `noren`, as a site publishes them. */
function compiled(name: string, rules: readonly Rule[]): { path: string; bytes: Uint8Array } {
	const documents = join(work, `${name}.json`);
	const path = join(work, `${name}.program`);
	writeFileSync(documents, JSON.stringify(rules.map(document)));
	execFileSync(noren, ['compile', documents, '--output', path, '--now', COMPILED_AT], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	return { path, bytes: new Uint8Array(readFileSync(path)) };
}

const missing = existsSync(given('missing'))
	? (JSON.parse(readFileSync(given('missing'), 'utf8')) as Record<string, string>)
	: {};
const entries = await contenders(work, values.packages ?? [], missing, given('wasm'));
for (const { title, absent } of entries) if (absent) say(`${title} does not take part: ${absent}`);

const file = (name: string, content: string | Uint8Array): string => {
	const path = join(work, name);
	writeFileSync(path, content);
	return path;
};

/** What a contender reads when it begins: its code, the rules, what it remembers of the visitor, its WebAssembly or ''. */
async function paths(entry: Entry, rules: readonly Rule[], program: Uint8Array): Promise<string[]> {
	const published = entry.engine!.publish(rules, program);
	const remembered = await entry.engine!.remember(published, past(), wasmOf(entry));
	const name = `${entry.title.replace(/\W+/g, '-')}-${rules.length}`;
	return [entry.bundle!, file(`${name}.rules`, published), file(`${name}.past`, remembered), entry.wasm];
}

/** Runs a size with everyone who can, and says who cannot. */
async function size({ campaigns, visits, laps }: Work, before: Size | undefined): Promise<Size> {
	say(`${campaigns} campaigns`);
	const rules = mixed(campaigns);
	const program = compiled(`mixed-${campaigns}`, rules);
	const inputs: Plan['inputs'] = (lap) => {
		const first = PAST_VISITS + lap * (visits + 1);
		return { before: visit(first), timed: Array.from({ length: visits }, (_, n) => visit(first + 1 + n)).flat() };
	};
	const one = asked([...inputs(0).before, ...inputs(0).timed]);
	const absent: Record<string, string> = {};
	const takesPart = (entry: Entry): boolean => {
		const earlier = before?.results.find(({ title }) => title === entry.title);
		const why = entry.absent ?? before?.absent[entry.title];
		const factor = before ? campaigns / before.campaigns : 1;
		const lapMs = earlier ? (earlier.us.median * factor * one) / 1000 : 0;
		if (why) absent[entry.title] = why;
		else if (campaigns >= LEFT_OUT_FROM && lapMs > LAP_MOST_MS && entry.title !== NOREN) {
			absent[entry.title] =
				`left out: a lap would take ${(lapMs / 1000).toFixed(0)} s, more than ${LAP_MOST_MS / 1000} s`;
		}
		return !(entry.title in absent);
	};
	const runners: Runner[] = [];
	for (const entry of entries.filter(takesPart)) {
		runners.push({ title: entry.title, child: underNode(await paths(entry, rules, program.bytes)) });
	}
	const driver = await native(given('driver'), program.path, past());
	runners.push({ title: NATIVE, child: driver });
	const done = await warm(runners, { laps, budgetMs: BUDGET_MS, inputs });
	// With ten campaigns hardly anything opens; from a hundred on, agreement about nothing would prove nothing.
	if (campaigns >= 100 && done.opened === 0) throw new Error('nothing opened, so nothing was compared');
	const read = await driver.ask<{ decode_ns: number[]; start_ns: number[] }>({ read: quick ? 3 : 15 });
	const memory = await driver.ask<{ bytes: number }>({ memory: true });
	for (const { child } of runners) child.end();
	return {
		...done,
		campaigns,
		absent,
		programBytes: program.bytes.length,
		decodeNativeMs: spread(read.decode_ns.map((ns) => ns / 1e6)),
		startNativeMs: spread(read.start_ns.map((ns) => ns / 1e6)),
		nativeBytes: memory.bytes,
	};
}

/** Fresh processes, everyone in turn. */
async function cold(): Promise<ColdRow[]> {
	say(`cold, ${COLD.campaigns} campaigns`);
	const rules = mixed(COLD.campaigns);
	const program = compiled('cold', rules).bytes;
	const visited = visit(PAST_VISITS);
	const tenth = visited.findIndex(
		(_, n) => visited.slice(0, n + 1).filter(({ kind }) => kind === 'event').length === 10,
	);
	const inputs = visited.slice(0, tenth + 1);
	const events = file('cold-inputs.json', JSON.stringify(inputs));
	const rows = await Promise.all(
		entries.map(async (entry) => {
			if (entry.absent)
				return { title: entry.title, absent: entry.absent, runs: [] as Cold[], bytes: 0, arguments: [] };
			const read = await paths(entry, rules, program);
			const bytes = read.reduce((sum, path) => sum + (path ? readFileSync(path).length : 0), 0);
			return { title: entry.title, runs: [] as Cold[], bytes, arguments: [...read, events] };
		}),
	);
	for (let turn = 0; turn < COLD.processes; turn++) {
		let wanted: number[][] | undefined;
		for (const row of rows) {
			if (row.absent) continue;
			const script = join(import.meta.dirname, 'cold.ts');
			const said = execFileSync(process.execPath, [
				'--expose-gc',
				'--disable-warning=ExperimentalWarning',
				script,
				...row.arguments,
			]);
			const run = JSON.parse(said.toString()) as Cold;
			row.runs.push(run);
			wanted ??= run.opened;
			agree(`${row.title}, cold`, run.opened, LIMIT, wanted, inputs);
		}
	}
	const limits = rows.find(({ title }) => title === LIMIT)!.runs;
	const whole = ({ loadMs, readyMs, eventsMs }: Cold): number => loadMs + readyMs + eventsMs;
	return rows.map(({ title, absent, runs, bytes }) => ({
		title,
		absent,
		bytes,
		wholeMs: spread(runs.map(whole)),
		ratio: spread(runs.map((run, n) => whole(run) / whole(limits[n]!))),
		loadMs: spread(runs.map(({ loadMs }) => loadMs)).median,
		readyMs: spread(runs.map(({ readyMs }) => readyMs)).median,
		eventsMs: spread(runs.map(({ eventsMs }) => eventsMs)).median,
		heapBytes: spread(runs.map(({ heapBytes }) => heapBytes)).median,
		wasmBytes: spread(runs.map(({ wasmBytes }) => wasmBytes)).median,
	}));
}

/** Campaigns of which an event can change ten, however many there are. */
async function flat(campaigns: number): Promise<Report['flat'][number]> {
	say(`${campaigns} campaigns, ten of which an event can change`);
	const rules = spreadRules(campaigns);
	const program = compiled(`spread-${campaigns}`, rules);
	const titles = [LIMIT, 'by hand, closures', NOREN];
	const runners: Runner[] = [];
	for (const entry of entries.filter(({ title }) => titles.includes(title))) {
		runners.push({ title: entry.title, child: underNode(await paths(entry, rules, program.bytes)) });
	}
	runners.push({ title: NATIVE, child: await native(given('driver'), program.path, past()) });
	for (const { child } of runners) await child.lap(spreadPage(), 0);
	const events = quick ? 200 : 2000;
	const inputs: Plan['inputs'] = (lap) => {
		const all = spreadEvents(campaigns / 10, events, lap);
		return { before: all.slice(0, events / 2), timed: all.slice(events / 2) };
	};
	const { results } = await warm(runners, { laps: quick ? 3 : 21, budgetMs: BUDGET_MS, inputs });
	for (const { child } of runners) child.end();
	return { campaigns, results };
}

/** What one crossing costs, and what reading the program costs across it. */
async function boundary(campaigns: number): Promise<Boundary> {
	say(`the boundary, ${campaigns} campaigns`);
	const entry = entries.find(({ title }) => title === NOREN)!;
	const rules = mixed(campaigns);
	const { bytes } = compiled(`mixed-${campaigns}`, rules);
	const snapshot = await entry.engine!.remember(bytes, past(), wasmOf(entry));
	const page = (await entry.engine!.create(bytes, snapshot, wasmOf(entry))) as Agent;
	const inputs = visit(PAST_VISITS);
	for (const input of inputs) page.take(input);
	const { at } = inputs.at(-1)!;
	const props = { category: 'category-1', brand: 'brand-1', price: 1, quantity: 1 };
	const [calls, rounds] = quick ? [100, 3] : [2000, 30];
	const nothing = microsecondsEach(calls, rounds, (n) => page.nothing(at + n));
	const later = at + calls * rounds;
	const unheard = microsecondsEach(calls, rounds, (n) => {
		page.take({ kind: 'event', at: later + n, name: 'nobody_listens', props });
	});
	const start = microsecondsEach(1, quick ? 3 : 21, () => page.start(later));
	return {
		campaigns,
		nothing,
		unheard,
		startMs: { median: start.median / 1000, low: start.low / 1000, high: start.high / 1000 },
	};
}

const sizes: Size[] = [];
for (const one of SIZES) {
	sizes.push(await size(one, sizes.at(-1)));
}
const flats: Report['flat'][number][] = [];
for (const campaigns of FLAT) flats.push(await flat(campaigns));
const boundaries: Boundary[] = [];
for (const { campaigns } of SIZES) boundaries.push(await boundary(campaigns));
const done: Report = { quick, sizes, flat: flats, boundaries, cold: { ...COLD, rows: await cold() } };
writeFileSync(join(work, 'report.json'), JSON.stringify(done, undefined, 2));
process.stdout.write(report(done));
