import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Editor, type Call } from './editor.ts';

const ANSWER = { findings: [], campaigns: [{ id: 'a', sentence: { en: 'A', ja: 'あ' } }] };

/** An editor whose module is there. */
async function loaded(call: Call): Promise<Editor> {
	const module = Promise.resolve(call);
	const editor = new Editor(() => module);
	editor.check([], {});
	await module;
	return editor;
}

test('until the module is there the edge is asked, then no more', async () => {
	const asked: string[] = [];
	const editor = await loaded((message) => {
		asked.push(message);
		return JSON.stringify(ANSWER);
	});
	assert.deepEqual(asked, [], 'the first check found no module');
	assert.deepEqual(editor.check([{ id: 'a' }], { holdout: { share: 5 } }), ANSWER);
	assert.deepEqual(asked, ['{"op":"check","campaigns":[{"id":"a"}],"site":{"holdout":{"share":5}}}']);
});

test('it is loaded once, when the first check is asked for, and a failure is final', async () => {
	let loads = 0;
	const failing = Promise.reject(new TypeError('no WebAssembly here'));
	const editor = new Editor(() => {
		loads += 1;
		return failing;
	});
	assert.equal(loads, 0);
	assert.equal(editor.check([], {}), undefined);
	await failing.catch(() => undefined);
	assert.equal(editor.check([], {}), undefined);
	assert.equal(loads, 1);
});

test('a refusal of the whole question is left to the edge to say', async () => {
	const editor = await loaded(
		() => '{"code":"body_invalid","message":"at most 128 KB a campaign","path":"campaigns[0]"}',
	);
	assert.equal(editor.check([], {}), undefined);
});

test('a module that trapped is not asked again', async () => {
	let calls = 0;
	const editor = await loaded(() => {
		calls += 1;
		throw new WebAssembly.RuntimeError('unreachable');
	});
	assert.equal(editor.check([], {}), undefined);
	assert.equal(editor.check([], {}), undefined);
	assert.equal(calls, 1);
});
