/**
 * One contender in a process of its own: from files on the disk to the tenth event answered. Says what it took as one line of JSON.
 *
 * node --expose-gc cold.ts BUNDLE PUBLISHED REMEMBERED WASM INPUTS
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Engine, Input } from './contender.ts';

export interface Cold {
	/** Reading and loading the engine's code; reading the rules and getting ready; the first ten events. Milliseconds. */
	readonly loadMs: number;
	readonly readyMs: number;
	readonly eventsMs: number;
	readonly opened: number[][];
	/** What it holds afterwards: JavaScript's heap and buffers, and WebAssembly's memory, which is not counted among them. */
	readonly heapBytes: number;
	readonly wasmBytes: number;
}

const [bundle, published, remembered, wasm, inputs] = process.argv.slice(2) as [string, string, string, string, string];
const events = JSON.parse(readFileSync(inputs, 'utf8')) as Input[];
const held = (): number => {
	globalThis.gc!();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
};
// Twice: the first collection also throws away what loading this file compiled.
held();
const before = held();

const began = performance.now();
const { engine } = (await import(pathToFileURL(bundle).href)) as { engine: Engine };
const module = wasm ? new Uint8Array(readFileSync(wasm)) : new Uint8Array();
const loaded = performance.now();
const contender = await engine.create(
	new Uint8Array(readFileSync(published)),
	new Uint8Array(readFileSync(remembered)),
	module,
);
const ready = performance.now();
const taken: unknown[] = [];
for (const event of events) taken.push(await contender.take(event));
const done = performance.now();

const opened = taken.map((one) => contender.campaigns(one));
const wasmBytes = contender.wasmBytes?.() ?? 0;
const cold: Cold = {
	loadMs: loaded - began,
	readyMs: ready - loaded,
	eventsMs: done - ready,
	opened,
	heapBytes: Math.max(0, held() - before),
	wasmBytes,
};
process.stdout.write(JSON.stringify(cold) + '\n');
