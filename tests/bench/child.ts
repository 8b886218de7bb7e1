/**
 * A contender at work in a process of its own, so that no other's garbage, cache or profile is in its time: `lap.ts` under Node, or
 * `crates/xtask/benches/rules.rs` natively. Both take one command a line, and time themselves.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Input } from './contender.ts';
import { newAttributes } from './visits.ts';

export interface Lap {
	/** What all inputs from the `timedFrom`th on took. */
	readonly ns: number;
	/** By input, also those before. */
	readonly opened: number[][];
}

export interface Child {
	lap(inputs: readonly Input[], timedFrom: number): Promise<Lap>;
	/** Any other command. */
	ask<T>(command: object): Promise<T>;
	end(): void;
}

function child(program: string, words: readonly string[]): Child {
	const started = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
	const answers = createInterface(started.stdout)[Symbol.asyncIterator]();
	const ask = async <T>(command: object): Promise<T> => {
		started.stdin.write(JSON.stringify(command) + '\n');
		const { done, value } = await answers.next();
		if (done) throw new Error(`${program} ${words.join(' ')} ended`);
		return JSON.parse(value) as T;
	};
	return {
		ask,
		lap: (inputs, timedFrom) => ask({ inputs, timed_from: timedFrom }),
		end: () => started.stdin.end(),
	};
}

/** One that runs under Node. The paths are those of its bundle, its rules, what it remembers, and its WebAssembly or ''. */
export const underNode = (paths: readonly string[]): Child => {
	const options = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
	return child(process.execPath, [...options, `${import.meta.dirname}/lap.ts`, ...paths]);
};

/** Noren natively, after the visitor's past. */
export async function native(driver: string, program: string, past: readonly Input[]): Promise<Child> {
	const started = child(driver, ['--drive', program]);
	const { visitor, geo, device, traits, segments } = newAttributes();
	const begin = [
		{ kind: 'facts', at: 0, facts: { ...visitor, geo, traits, segments } },
		{ kind: 'attributes', at: 0, root: 'device', value: device },
		{ kind: 'visible', at: 0 },
	];
	await started.ask({ inputs: [...begin, ...past], timed_from: 0 });
	return started;
}
