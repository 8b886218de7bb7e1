/** The part of `bench edge` that asserts something besides times: a thousand visitors are on the site, and an operator sees all of them and what they do. */
import { spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';

test('a thousand visitors, all present, and each event on the screen', async (t) => {
	const edge = await Edge.start();
	t.after(() => edge.stop());
	const words = [new URL('edge/screen.ts', import.meta.url).pathname, edge.url, edge.token, '--quick'];
	const screen = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words]);
	let said = '';
	for (const stream of [screen.stdout, screen.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
	const code = await new Promise((resolve) => screen.once('exit', resolve));
	t.diagnostic(said.trim());
	assert.equal(code, 0, said);
});
