/**
 * What changed between two texts, by lines: the shortest edit script (E. Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986), with the unchanged lines around it.
 */

export interface DiffLine {
	readonly kind: 'same' | 'added' | 'removed' | 'gap';
	/** The line; for a gap the number of lines left out. */
	readonly text: string;
}

/** Past so many differing lines the two are told as one replacing the other: nobody reads a finer answer, and it costs memory. */
const DIFFERENCES_MAX = 1_000;

/** Unchanged lines shown around a change. */
const CONTEXT_LINES = 3;

export function diffLines(before: string, after: string): DiffLine[] {
	return withGaps(script(before === '' ? [] : before.split('\n'), after === '' ? [] : after.split('\n')));
}

function script(a: readonly string[], b: readonly string[]): DiffLine[] {
	const limit = Math.min(a.length + b.length, DIFFERENCES_MAX);
	const furthest = new Map<number, number>([[1, 0]]);
	const history: Map<number, number>[] = [];
	for (let d = 0; d <= limit; d += 1) {
		history.push(new Map(furthest));
		for (let k = -d; k <= d; k += 2) {
			const down = k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
			let x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
			while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
			furthest.set(k, x);
			if (x >= a.length && x - k >= b.length) return trace(a, b, history);
		}
	}
	return [
		...a.map((text): DiffLine => ({ kind: 'removed', text })),
		...b.map((text): DiffLine => ({ kind: 'added', text })),
	];
}

function trace(a: readonly string[], b: readonly string[], history: readonly Map<number, number>[]): DiffLine[] {
	const lines: DiffLine[] = [];
	let x = a.length;
	let y = b.length;
	for (let d = history.length - 1; d >= 0; d -= 1) {
		const furthest = history[d] as Map<number, number>;
		const k = x - y;
		const down = k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
		const fromK = down ? k + 1 : k - 1;
		const fromX = d === 0 ? 0 : at(furthest, fromK);
		const fromY = d === 0 ? 0 : fromX - fromK;
		while (x > fromX && y > fromY && x > 0 && y > 0) {
			lines.push({ kind: 'same', text: a[x - 1] ?? '' });
			x -= 1;
			y -= 1;
		}
		if (d === 0) break;
		if (down) lines.push({ kind: 'added', text: b[y - 1] ?? '' });
		else lines.push({ kind: 'removed', text: a[x - 1] ?? '' });
		x = fromX;
		y = fromY;
	}
	return lines.reverse();
}

function at(furthest: ReadonlyMap<number, number>, k: number): number {
	return furthest.get(k) ?? -1;
}

function withGaps(lines: readonly DiffLine[]): DiffLine[] {
	const keep = lines.map(() => false);
	lines.forEach((line, index) => {
		if (line.kind === 'same') return;
		for (let i = Math.max(0, index - CONTEXT_LINES); i <= Math.min(lines.length - 1, index + CONTEXT_LINES); i += 1)
			keep[i] = true;
	});
	const out: DiffLine[] = [];
	let left = 0;
	lines.forEach((line, index) => {
		if (!keep[index]) {
			left += 1;
			return;
		}
		if (left > 0) out.push({ kind: 'gap', text: String(left) });
		left = 0;
		out.push(line);
	});
	if (left > 0 && out.length > 0) out.push({ kind: 'gap', text: String(left) });
	return out;
}
