import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PoolAnswer, PoolRequest } from '../../api/types.ts';
import { parseCodes, sendCodes, spans, STEP, toCsv } from './codes.ts';

test('codes are the first column of whatever was pasted', () => {
	for (const [text, expected] of [
		['A\nB\r\nC', ['A:1', 'B:2', 'C:3']],
		['\uFEFFcode,worth\n"A,1",500\n\n B ;x\nC\ty', ['A,1:2', 'B:4', 'C:5']],
		['コード\nあ\n', ['あ:2']],
		['"say ""hi""",1', ['say "hi":1']],
		['code\ncode', ['code:2']],
		['', []],
		['  \n\n', []],
	] as const) {
		assert.deepEqual(
			parseCodes(text).map(({ code, line }) => `${code}:${line}`),
			expected,
			JSON.stringify(text),
		);
	}
});

test('many codes go in steps, with the settings once and duplicates by their own lines', async () => {
	const text = `\n${Array.from({ length: 2 * STEP + 5 }, (_, i) => `C${i}`).join('\n')}`;
	const asked: PoolRequest[] = [];
	const steps: number[] = [];
	const fill = async (request: PoolRequest) => {
		asked.push(request);
		return { added: request.codes.length - 1, duplicates: [3] } as unknown as PoolAnswer;
	};
	const done = await sendCodes(fill, { expires_after: '7d' }, parseCodes(text), (sent) => steps.push(sent));
	assert.deepEqual(
		asked.map(({ codes, expires_after }) => [codes.length, codes[0], expires_after]),
		[
			[STEP, 'C0', '7d'],
			[STEP, `C${STEP}`, undefined],
			[5, `C${2 * STEP}`, undefined],
		],
	);
	assert.deepEqual([done.added, done.duplicates], [2 * STEP + 2, [4, STEP + 4, 2 * STEP + 4]]);
	assert.deepEqual(steps, [STEP, 2 * STEP, 2 * STEP + 5]);
	await sendCodes(fill, { closed: true }, []);
	assert.deepEqual(asked.at(-1), { closed: true, codes: [] }, 'settings alone');
});

test('lines are told in short', () => {
	assert.equal(spans([3, 7, 8, 9, 12]), '3, 7-9, 12');
	assert.equal(spans([1, 3, 5, 7], 2), '1, 3, …');
	assert.equal(spans([]), '');
});

test('a file for a spreadsheet holds texts, not formulas', () => {
	const code = {
		code: '=1+1',
		state: 'redeemed',
		visitor: '',
		campaign: 'a"b',
		at: 0,
		expires: 86_400_000,
		order: '@x',
	};
	const text = toCsv([code]);
	assert.equal(text[0], '\uFEFF');
	const [head, row] = text.slice(1).split('\r\n');
	assert.equal(head, '"code","state","visitor","campaign","at","expires","order"');
	assert.equal(row, `"'=1+1","redeemed","","a""b","","1970-01-02T00:00:00.000Z","'@x"`);
});
