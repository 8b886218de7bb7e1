import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffLines } from './diff.ts';

function told(before: string, after: string): string {
	const sign = { same: ' ', added: '+', removed: '-', gap: '@' } as const;
	return diffLines(before, after)
		.map((line) => sign[line.kind] + line.text)
		.join('|');
}

test('a changed line is told as removed and added, with the lines around it', () => {
	assert.equal(told('a\nb\nc', 'a\nx\nc'), ' a|-b|+x| c');
});

test('lines far from any change are counted, not shown', () => {
	const before = Array.from({ length: 20 }, (_, index) => `l${index}`);
	const after = before.with(10, 'new');
	assert.equal(told(before.join('\n'), after.join('\n')), '@7| l7| l8| l9|-l10|+new| l11| l12| l13|@6');
});

test('nothing changed says nothing', () => {
	assert.equal(told('a\nb', 'a\nb'), '');
	assert.equal(told('', ''), '');
});

test('from nothing and to nothing', () => {
	assert.equal(told('', 'a\nb'), '+a|+b');
	assert.equal(told('a\nb', ''), '-a|-b');
});

test('the script rebuilds both texts, and is the shortest one', () => {
	// A small generator with a fixed seed: the same pairs on every machine.
	let seed = 7;
	const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
	for (let round = 0; round < 300; round += 1) {
		const a = Array.from({ length: 1 + random(8) }, () => 'abc'.charAt(random(3)));
		const b = Array.from({ length: 1 + random(8) }, () => 'abc'.charAt(random(3)));
		const lines = diffLines(a.join('\n'), b.join('\n'));
		const changed = lines.some((line) => line.kind !== 'same');
		if (!changed) {
			assert.deepEqual(a, b);
			continue;
		}
		// Up to 16 lines with context 3 can still hide some; count them back in.
		const side = (kind: string) => lines.filter((line) => line.kind === 'same' || line.kind === kind).length;
		const hidden = lines.filter((line) => line.kind === 'gap').reduce((sum, line) => sum + Number(line.text), 0);
		assert.equal(side('removed') + hidden, a.length);
		assert.equal(side('added') + hidden, b.length);
		assert.equal(lines.filter((line) => line.kind === 'added').length, b.length - common(a, b));
	}
});

/** Length of the longest common subsequence, the plain way. */
function common(a: readonly string[], b: readonly string[]): number {
	if (a.length === 0 || b.length === 0) return 0;
	if (a[0] === b[0]) return 1 + common(a.slice(1), b.slice(1));
	return Math.max(common(a.slice(1), b), common(a, b.slice(1)));
}
