/**
 * A power failure forgets what the system had not yet put on the disk. Killing a process cannot show that, for its files stay with the system;
 * so the runtime's system calls are watched: no answer to a sync leaves while something of the visitor's object waits to be made durable.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { Page } from '../worker/page.ts';

const SYNCS = 40;

let edge: Edge;
let folder: string;
before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'noren-strace-'));
	edge = await Edge.start();
});
after(async () => {
	await edge?.stop();
	rmSync(folder, { recursive: true, force: true });
});

test('an answer leaves after its events were made durable', async () => {
	const pages = [new Page(edge.url), new Page(edge.url)];
	for (const page of pages) assert.equal((await page.sync([{ n: 0, name: 'page_view' }])).status, 200);

	const file = join(folder, 'calls');
	const calls = 'fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg';
	const watch = spawn('strace', [
		'-f',
		'-yy',
		'-s',
		'4096',
		'-e',
		`trace=${calls}`,
		'-o',
		file,
		'-p',
		String(edge.pid),
	]);
	await new Promise<void>((resolve, reject) => {
		watch.stderr.setEncoding('utf8').on('data', (text: string) => text.includes('attached') && resolve());
		watch.once('exit', (code) => reject(new Error(`strace ended with ${code}`)));
	});
	for (let n = 1; n <= SYNCS; n++) {
		const page = pages[n % 2]!;
		const number = Math.ceil(n / 2);
		const { status } = await page.sync([{ n: number, name: 'view_item', props: { value: n } }], { facts: false });
		assert.equal(status, 200);
	}
	const ended = new Promise((resolve) => watch.once('exit', resolve));
	watch.kill('SIGINT');
	await ended;

	const dirty = new Set<string>();
	let written = 0;
	let synced = 0;
	let answers = 0;
	for (const line of readFileSync(file, 'utf8').split('\n')) {
		const path = /\(\d+<([^>]*Device[^>]*)>/.exec(line)?.[1];
		if (path !== undefined && /pwrite64\(/.test(line)) {
			dirty.add(path);
			written++;
		} else if (path !== undefined && /f(data)?sync\(/.test(line)) {
			dirty.delete(path);
			synced++;
		} else if (/<TCP:/.test(line) && line.includes('\\"acks\\":[{')) {
			answers++;
			assert.deepEqual([...dirty], [], `answer ${answers} left before these were made durable`);
			assert.ok(synced >= answers, `${synced} times made durable before answer ${answers}`);
		}
	}
	assert.equal(answers, SYNCS, 'every answer was seen leaving');
	assert.ok(written >= SYNCS, 'and what was written was seen');
});
