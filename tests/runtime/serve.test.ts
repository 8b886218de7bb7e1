/** Starting, killing and stopping the local edge: what people at a terminal and every other suite rely on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const XTASK = process.env['NOREN_XTASK'];

const state = (t: { after(fn: () => void): void }) => {
	const folder = mkdtempSync(join(tmpdir(), 'noren-runtime-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
};

/** `xtask WORDS`, started by `shell` where how it is started matters. */
function xtask(words: string[], shell?: string) {
	const [program, first] = XTASK === undefined ? ['cargo', ['xtask']] : [XTASK, []];
	const child =
		shell === undefined
			? spawn(program, [...first, ...words], { cwd: ROOT })
			: spawn('sh', ['-c', shell, 'sh', program, ...first, ...words], { cwd: ROOT });
	const said = { out: '', err: '' };
	child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	return { child, said, ended };
}

const alive = (pid: number) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

const healthy = async (url: string) => (await fetch(`${url}/noren/v1/health`)).status === 200;

test('a killed edge comes back at the same address with the same secrets', async (t) => {
	const edge = await Edge.start();
	t.after(() => edge.stop());
	assert.ok(await healthy(edge.url));
	const { token } = edge;
	await edge.kill();
	await assert.rejects(fetch(`${edge.url}/noren/v1/health`));
	await edge.restart();
	assert.ok(await healthy(edge.url));
	assert.equal(edge.token, token);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	test(`${signal} stops the whole tree, even when it was inherited as ignored and a socket is open`, async (t) => {
		const words = ['serve', '--no-seed', '--state', state(t)];
		const { child, said, ended } = xtask(words, `trap '' INT TERM; exec "$@"`);
		const line = await until('the edge to answer', () => said.out.includes('\n') && said.out, { timeoutMs: 60_000 });
		const { port, pid } = JSON.parse(line) as { port: number; pid: number };
		const socket = connect(port, '127.0.0.1').on('error', () => undefined);
		await new Promise((resolve) => socket.once('connect', resolve));
		child.kill(signal);
		assert.equal(await ended, 0);
		assert.ok(!alive(pid), 'the runtime is gone');
		socket.destroy();
	});
}

test('the edge does not outlive the test that started it', async (t) => {
	const { child, said, ended } = xtask(['serve', '--no-seed', '--until-stdin-closes', '--state', state(t)]);
	const line = await until('the edge to answer', () => said.out.includes('\n') && said.out, { timeoutMs: 60_000 });
	child.stdin.end();
	assert.equal(await ended, 0);
	assert.ok(!alive((JSON.parse(line) as { pid: number }).pid));
});

test('a runtime that dies by itself is reported with its last lines', async (t) => {
	const { said, ended } = xtask(['serve', '--no-seed', '--state', state(t)]);
	const line = await until('the edge to answer', () => said.out.includes('\n') && said.out, { timeoutMs: 60_000 });
	process.kill((JSON.parse(line) as { pid: number }).pid, 'SIGKILL');
	assert.equal(await ended, 1);
	assert.match(said.err, /the Workers runtime ended .* its last lines/);
});

test('a taken port is named together with the option that helps', async (t) => {
	const taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
	t.after(() => taken.close());
	const { port } = taken.address() as AddressInfo;
	const { said, ended } = xtask(['serve', '--port', String(port), '--state', state(t)]);
	assert.equal(await ended, 1);
	assert.match(said.err, new RegExp(`port ${port} .*--port N`));
});

test('the sign-in token is random and readable by its owner only', async (t) => {
	const folders = [state(t), state(t)];
	const tokens = [];
	for (const folder of folders) {
		const { child, said, ended } = xtask(['serve', '--no-seed', '--until-stdin-closes', '--state', folder]);
		await until('the edge to answer', () => said.out.includes('\n'), { timeoutMs: 60_000 });
		child.stdin.end();
		await ended;
		const file = join(folder, 'dev-token');
		tokens.push(readFileSync(file, 'utf8'));
		assert.equal(statSync(file).mode & 0o777, 0o600);
	}
	assert.match(tokens[0] ?? '', /^[0-9a-f]{64}$/);
	assert.notEqual(tokens[0], tokens[1]);
});
