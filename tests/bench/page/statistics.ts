/** A median and how sure it is. */

export interface Interval {
	readonly median: number;
	/** 95 % interval of the median by order statistics: no assumption about how values are spread but that they are independent. */
	readonly low: number;
	readonly high: number;
	readonly count: number;
}

/** NaN where there is nothing. With fewer than six values the interval is all of them, which is less than 95 %. */
export function interval(values: readonly number[]): Interval {
	const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
	const count = sorted.length;
	if (!count) return { median: NaN, low: NaN, high: NaN, count };
	const half = count / 2;
	const median = count % 2 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
	const cut = tail(count);
	return { median, low: sorted[cut]!, high: sorted[count - 1 - cut]!, count };
}

/** How many values may be left off at each end: the most for which a fair coin's tails are 2.5 % or less on either side. */
function tail(count: number): number {
	let chance = 0.5 ** count;
	let sum = chance;
	let cut = 0;
	while (sum <= 0.025) {
		cut += 1;
		chance *= (count - cut + 1) / cut;
		sum += chance;
	}
	return Math.max(0, cut - 1);
}

/** Differences of the pairs, value less base; a pair of which one is missing is none. */
export function differences(values: readonly number[], bases: readonly number[]): number[] {
	return values.map((value, at) => value - (bases[at] ?? NaN)).filter((value) => !Number.isNaN(value));
}
