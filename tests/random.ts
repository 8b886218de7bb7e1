/** Chance from a seed, so that every run and every engine sees the same campaigns and the same visits. */
export interface Random {
	/** A whole number from 0 up to, without, `end`. */
	below(end: number): number;
	/** True in `percent` of all cases. */
	chance(percent: number): boolean;
	pick<T>(list: readonly T[]): T;
	/** `count` different ones, in the list's order. */
	some<T>(list: readonly T[], count: number): T[];
}

/** Mulberry32: 32 bits of state, plenty for drawing lots. */
export function random(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (end: number): number => Math.floor(next() * end);
	return {
		below,
		chance: (percent) => below(100) < percent,
		pick: (list) => list[below(list.length)]!,
		some(list, count) {
			const places = new Set<number>();
			while (places.size < Math.min(count, list.length)) places.add(below(list.length));
			return list.filter((_, place) => places.has(place));
		},
	};
}
