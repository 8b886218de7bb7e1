/**
 * Laps: in each, every contender takes the same inputs, one after the other, and must answer what the others answer. What disturbs the machine
 * for a while disturbs all of them, so the figure is the ratio to the limit within a lap.
 */
import type { Child } from './child.ts';
import type { Input } from './contender.ts';
import { LIMIT } from './contenders.ts';
import { spread, type Spread } from './measure.ts';

/** One that runs laps. */
export interface Runner {
	readonly title: string;
	readonly child: Child;
}

export interface Warm {
	readonly title: string;
	/** Microseconds an event or stay. */
	readonly us: Spread;
	/** Times the limit's, lap by lap. */
	readonly ratio: Spread;
	/** Laps that count. */
	readonly laps: number;
}

export interface Plan {
	readonly laps: number;
	/** A contender that took so long drops out, after three laps at least. */
	readonly budgetMs: number;
	/** What a lap begins with, so that caches hold what the contender needs, and what is timed. */
	inputs(lap: number): { readonly before: readonly Input[]; readonly timed: readonly Input[] };
}

const LAPS_AT_LEAST = 3;

/** How many of them are asked something: what ends a page is work, but no question. */
export const asked = (inputs: readonly Input[]): number => inputs.filter(({ kind }) => kind !== 'leave').length;

/**
 * # Errors
 * When two answers differ.
 */
export function agree(
	who: string,
	opened: readonly number[][],
	than: string,
	wanted: readonly number[][],
	inputs: readonly Input[],
): void {
	inputs.forEach((input, n) => {
		const [mine, theirs] = [String(opened[n]), String(wanted[n])];
		if (mine === theirs) return;
		throw new Error(`at ${JSON.stringify(input)} ${who} opens [${mine}], ${than} [${theirs}]`);
	});
}

/** Runs the laps. The first runner must be the limit. */
export async function warm(
	runners: readonly Runner[],
	plan: Plan,
): Promise<{ results: Warm[]; asked: number; opened: number }> {
	const times = new Map<string, number[]>(runners.map(({ title }) => [title, []]));
	const spentMs = new Map(runners.map(({ title }) => [title, 0]));
	let total = 0;
	let opened = 0;
	const [limit, ...others] = runners;
	if (limit?.title !== LIMIT) throw new Error('the limit has to run first');
	for (let lap = 0; lap < plan.laps; lap++) {
		const { before, timed } = plan.inputs(lap);
		const inputs = [...before, ...timed];
		total += asked(inputs);
		let wanted: number[][] = [];
		// Who runs after whom changes from lap to lap; the limit leads, because the others are held to its answers.
		const turn = lap % Math.max(1, others.length);
		const order: Runner[] = [limit, ...others.slice(turn), ...others.slice(0, turn)];
		for (const one of order) {
			const mine = times.get(one.title)!;
			// Who leaves out a lap has missed inputs, and cannot come back.
			if (mine.length < lap) continue;
			if (lap >= LAPS_AT_LEAST && spentMs.get(one.title)! > plan.budgetMs) continue;
			const began = performance.now();
			const done = await one.child.lap(inputs, before.length);
			mine.push(done.ns / 1000 / asked(timed));
			spentMs.set(one.title, spentMs.get(one.title)! + performance.now() - began);
			if (one === limit) wanted = done.opened;
			else agree(one.title, done.opened, LIMIT, wanted, inputs);
		}
		opened += wanted.reduce((sum, list) => sum + list.length, 0);
	}
	const limits = times.get(LIMIT)!;
	const results = runners.map(({ title }): Warm => {
		const mine = times.get(title)!;
		// The first third of the laps is warming up.
		const from = Math.floor(mine.length / 3);
		const ratios = mine.map((us, lap) => us / limits[lap]!);
		return { title, us: spread(mine.slice(from)), ratio: spread(ratios.slice(from)), laps: mine.length - from };
	});
	return { results, asked: total, opened };
}
