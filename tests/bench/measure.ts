/** Times and what may be said of them. */

export interface Spread {
	readonly median: number;
	/** The quartiles. */
	readonly low: number;
	readonly high: number;
}

/** Median and quartiles; NaN where there is nothing. */
export function spread(values: readonly number[]): Spread {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
	return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Microseconds a call, several times over, each long enough for the clock. */
export function microsecondsEach(calls: number, rounds: number, call: (n: number) => void): Spread {
	let n = 0;
	const times: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const began = performance.now();
		for (let i = 0; i < calls; i++) call(n++);
		times.push(((performance.now() - began) * 1000) / calls);
	}
	// The first third is warming up.
	return spread(times.slice(Math.floor(rounds / 3)));
}
