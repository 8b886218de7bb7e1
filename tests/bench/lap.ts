/**
 * One contender under Node, lap by lap: a command a line, an answer a line.
 *
 * node --expose-gc lap.ts BUNDLE PUBLISHED REMEMBERED WASM
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Lap } from './child.ts';
import type { Engine, Input } from './contender.ts';

const [bundle, published, remembered, wasm] = process.argv.slice(2) as [string, string, string, string];
const bytes = (path: string): Uint8Array => (path ? new Uint8Array(readFileSync(path)) : new Uint8Array());
const { engine } = (await import(pathToFileURL(bundle).href)) as { engine: Engine };
const contender = await engine.create(bytes(published), bytes(remembered), bytes(wasm));

for await (const line of createInterface(process.stdin)) {
	const command = JSON.parse(line) as { inputs: Input[]; timed_from: number };
	const { inputs } = command;
	const taken: unknown[] = new Array(inputs.length);
	const run = async (from: number, end: number): Promise<void> => {
		for (let n = from; n < end; n++) {
			const one = contender.take(inputs[n]!);
			taken[n] = one instanceof Promise ? await one : one;
		}
	};
	// What reading the command left behind is not the contender's.
	globalThis.gc!({ type: 'minor' } as never);
	await run(0, command.timed_from);
	const began = process.hrtime.bigint();
	await run(command.timed_from, inputs.length);
	const ns = Number(process.hrtime.bigint() - began);
	const lap: Lap = { ns, opened: taken.map((one) => contender.campaigns(one)) };
	process.stdout.write(JSON.stringify(lap) + '\n');
}
