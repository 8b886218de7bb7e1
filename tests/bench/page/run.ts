/**
 * `bench page`: what Noren and its peers cost a page, each in turn on the same shop. Arguments: --packages FOLDER --assets FOLDER --report FILE
 * [--missing FILE] [--laps N]
 * [--contenders TEXT] [--quick]. NOREN_CHROMIUM names the browser.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import type { Browser } from 'puppeteer-core';
import { Edge } from '../../e2e/support/edge.ts';
import type { Contender } from './contender.ts';
import { load } from './load.ts';
import type { Load } from './load.ts';
import { noren, showing } from './noren.ts';
import { peers, vitalsScript } from './peers.ts';
import { summary, table } from './report.ts';
import type { Row } from './report.ts';
import { built, open } from './serve.ts';
import type { Origin } from './serve.ts';
import { show } from './show.ts';

const { values } = parseArgs({
	options: {
		packages: { type: 'string', multiple: true },
		assets: { type: 'string' },
		report: { type: 'string' },
		missing: { type: 'string' },
		laps: { type: 'string' },
		/** Only those whose name has this in it, and the page with nothing. */
		contenders: { type: 'string' },
		quick: { type: 'boolean', default: false },
	},
});
const { packages = [], assets = '', report = '', quick } = values;
/** Paired loads of each contender at each speed. */
const LAPS = values.laps === undefined ? (quick ? 2 : 40) : Number(values.laps);
/** A lap before those that count: the browser reads its own files once. */
const WARMING = quick ? 0 : 1;
const SHOWS = quick ? 2 : 20;
export const SLOWER = [1, 4] as const;

async function chromium(): Promise<Browser> {
	const executablePath = process.env['NOREN_CHROMIUM'];
	if (executablePath === undefined) throw new Error('NOREN_CHROMIUM must name the browser');
	return puppeteer.launch({
		executablePath,
		headless: true,
		pipe: true,
		protocolTimeout: 120_000,
		args: [
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--disable-dev-shm-usage',
			// Nothing leaves this machine, whatever address a tool has in its code.
			'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
		],
	});
}

const nothing = (name: string): Contender => ({
	name,
	shows: false,
	interacts: true,
	head: '',
	files: new Map(),
	told: 'the shop by itself',
});

const shop = built(assets, (path) => path.startsWith('shop/'));
const missing = values.missing ? (JSON.parse(readFileSync(values.missing, 'utf8')) as Record<string, string>) : {};
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
const loadBefore = loadavg()[0]!;

const takesPart = (name: string): boolean =>
	name === 'nothing' || name.toLowerCase().includes((values.contenders ?? '').toLowerCase());
// Peers by themselves need no edge.
const edge = takesPart('Noren') ? await Edge.start() : undefined;
const browser = await chromium();
const origins: Origin[] = [];
try {
	const options = edge && { assets, edge: edge.url, admin: edge.admin };
	const found = await peers(packages, missing);
	const absent = found.flatMap((peer) => ('absent' in peer ? [peer] : []));
	const contenders: Contender[] = [
		nothing('nothing'),
		nothing('nothing, again'),
		...(options ? [await noren(options, 1), await noren(options, 200)] : []),
		...found.flatMap((peer) => ('absent' in peer ? [] : [peer])),
	].filter(({ name }) => takesPart(name));
	for (const contender of contenders) origins.push(await open(contender, shop));

	const room = { browser, vitals: vitalsScript(packages) };
	const rows: Row[] = origins.map(({ contender }) => ({ contender, loads: SLOWER.map(() => [] as Load[]) }));
	const began = performance.now();
	for (let lap = -WARMING; lap < LAPS; lap++) {
		for (const [speed, slowDown] of SLOWER.entries()) {
			if (lap < 0 && speed > 0) continue;
			for (let turn = 0; turn < origins.length; turn++) {
				// Who follows whom changes from lap to lap.
				const at = (turn + Math.max(0, lap)) % origins.length;
				const place = lap % 2 ? origins.length - 1 - at : at;
				const done = await load(room, origins[place]!, slowDown);
				if (lap >= 0) rows[place]!.loads[speed]!.push(done);
			}
		}
		const minutes = ((performance.now() - began) / 60_000).toFixed(1);
		console.error(`  lap ${lap + 1} of ${LAPS}, ${minutes} min, load ${loadavg()[0]!.toFixed(1)}`);
	}
	const shown = options ? await show(room, await showing(options), shop, SHOWS, SLOWER) : SLOWER.map(() => []);

	const made = summary({
		machine,
		browser: await browser.version(),
		date: new Date().toISOString(),
		laps: LAPS,
		quick,
		load: [loadBefore, loadavg()[0]!],
		slower: SLOWER,
		rows,
		absent,
		shown,
	});
	console.log(table(made));
	if (report) writeFileSync(report, JSON.stringify({ ...made, raw: rows.map(raw) }, undefined, '\t'));
	const dead = rows.filter(({ loads }) => loads.some((of) => of.some(({ live }) => !live)));
	if (dead.length) {
		for (const { contender, loads } of dead) {
			const one = loads.flat().find(({ live }) => !live)!;
			console.error(
				`  ${contender.name} was not live in a load; the page said: ${one.console.slice(0, 5).join(' | ') || 'nothing'}`,
			);
		}
		process.exitCode = 1;
	}
} finally {
	for (const origin of origins) origin.close();
	await browser.close();
	await edge?.stop();
}

function raw({ contender, loads }: Row): object {
	return { name: contender.name, loads };
}
