/** What is wrong is refused in the same words wherever it comes in, and nothing that was there before is touched by it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { goTo, says, signIn, writeDocument } from '../console/support.ts';
import { factsOf, newDevice, newStream, post, sync, syncBody } from './pages/device.ts';
import { bar, campaign, popup, stage, taggedPage } from './pages/stage.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const s = stage();

const good = campaign('good', { variants: [{ id: 'a', weight: 100, action: bar('Still live') }] });
const half = (id: string, weight: number) => ({ id, weight, action: popup('x') });

/** A campaign with one thing wrong, and what every door must say about it. */
const MISTAKES: readonly [what: string, document: Record<string, unknown>, code: string, path: string][] = [
	[
		'an unknown operator',
		campaign('good', { audience: { 'visitor.visits': { $gtt: 1 } } }),
		'operator_unknown',
		'/audience/visitor.visits/$gtt',
	],
	[
		'a schedule that never comes',
		campaign('good', { schedule: { zone: 'Asia/Tokyo', from: '2026-12-31T00:00', until: '2026-11-01T00:00' } }),
		'schedule_never',
		'/schedule',
	],
	[
		'weights that do not add up',
		campaign('good', { variants: [half('a', 50), half('b', 49)] }),
		'weights_sum',
		'/variants',
	],
	[
		'a text that is too long',
		campaign('good', { variants: [{ id: 'a', weight: 100, action: popup('x'.repeat(121)) }] }),
		'text_too_long',
		'/variants/0/action/title',
	],
];

type Finding = { readonly level: string; readonly code: string; readonly path: string };
const errors = (findings: readonly Finding[]) =>
	findings.filter(({ level }) => level === 'error').map(({ code, path }) => [code, path]);

/** `noren lint --json` as people run it: its exit code and its findings. */
function lint(file: string): Promise<{ exit: number; findings: Finding[] }> {
	return new Promise((resolve, reject) => {
		const words = ['run', '--quiet', '--package', 'noren', '--', 'lint', '--json', file];
		execFile('cargo', words, { cwd: ROOT }, (error, out, complaints) => {
			const exit = error === null ? 0 : Number(error.code);
			try {
				const lines = out.split('\n').filter((line) => line !== '');
				resolve({ exit, findings: lines.map((line) => JSON.parse(line) as Finding) });
			} catch {
				reject(new Error(`${exit}: ${out}${complaints}`));
			}
		});
	});
}

for (const [what, document, code, path] of MISTAKES) {
	test(`${what} is refused at lint, at push and in the console, with the same code and place`, async (t) => {
		const { version } = await s.edge.admin.publish([good]);
		const folder = mkdtempSync(join(tmpdir(), 'noren-lint-'));
		t.after(() => rmSync(folder, { recursive: true, force: true }));
		const file = join(folder, 'campaign.json');
		writeFileSync(file, JSON.stringify(document));
		const linted = await lint(file);
		assert.equal(linted.exit, 1);
		assert.deepEqual(errors(linted.findings), [[code, path]], 'lint');

		const pushed = await s.edge.admin.request('PUT', 'sites/demo/campaigns', { campaigns: [document], replace: true });
		assert.equal(pushed.status, 422);
		assert.equal(pushed.body.code, 'campaigns_invalid');
		assert.deepEqual(errors(pushed.body.findings), [[code, path]], 'push');

		const console = await signIn(s.edge, s.session);
		await goTo(console, 'campaigns/good');
		await says(console, 'What this says');
		await writeDocument(console, JSON.stringify(document));
		await says(console, `${code} ${path}`);
		await console.press('Control+s');
		await console.findByRole('dialog', 'Review and publish');
		await (await console.findByRole('button', 'Publish')).click();
		await console.findByRole('button', new RegExp(code));

		const live = await s.edge.admin.ok('GET', 'sites/demo/campaigns');
		assert.equal(live.version, version, 'nothing was published');
		assert.deepEqual(
			live.campaigns.map((one: { document: unknown }) => one.document),
			[good],
		);
		const site = await s.site(t, { '/': { html: taggedPage() } });
		const page = await s.visit(t, `${site.url}/`);
		await page.findByRole('region', 'Still live');
	});
}

test('a sync that is not one is refused in words, nothing of it is kept, and nobody else is touched', async () => {
	const { url } = s.edge;
	const bystander = newDevice();
	const order = (n: number, id: string) => ({
		n,
		at: Date.now(),
		name: 'purchase',
		props: { transaction_id: id, value: 10 },
	});
	await sync(url, bystander, [{ id: newStream(), from: 0, done: false, events: [order(0, 'T-B')] }]);

	const device = newDevice();
	const body = syncBody(device, [{ id: newStream(), from: 0, done: false, events: [order(0, 'T-1')] }]);
	const rows: [string, Awaited<ReturnType<typeof post>>, number, string][] = [
		['not JSON', await post(url, '{"v":1,'), 400, 'body_not_json'],
		['empty', await post(url, ''), 400, 'body_not_json'],
		['another form', await post(url, { ...body, streams: 7 }), 400, 'body_invalid'],
		['no key', await post(url, { ...body, key: 'short' }), 400, 'body_invalid'],
		['too large', await post(url, { ...body, filler: 'x'.repeat(600 * 1024) }), 413, 'body_too_large'],
		['a foreign origin', await post(url, body, { origin: 'https://elsewhere.example' }), 403, 'origin_forbidden'],
		['the origin null', await post(url, body, { origin: 'null' }), 403, 'origin_forbidden'],
		['an unknown site', await post(url, { ...body, site: 'nowhere' }, { site: 'nowhere' }), 404, 'site_unknown'],
		['an old protocol', await post(url, { ...body, v: 0 }), 400, 'too_old'],
	];
	for (const [what, answer, status, code] of rows) {
		assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
		assert.equal(answer.body.code, code, what);
		assert.equal(typeof answer.body.message, 'string', what);
	}
	assert.equal((await factsOf(url, device)).purchases, 0, 'nothing of it was kept');
	const facts = await factsOf(url, bystander);
	assert.deepEqual([facts.purchases, facts.lifetime_value], [1, 10], 'nobody else was touched');
});

test('another visitor’s public id opens nothing without its key', async () => {
	const { url } = s.edge;
	const victim = newDevice();
	const order = (n: number, id: string, value: number) => ({
		n,
		at: Date.now(),
		name: 'purchase',
		props: { transaction_id: id, value },
	});
	await sync(url, victim, [{ id: newStream(), from: 0, done: false, events: [order(0, 'T-V', 5000)] }]);

	// The victim's public id under a key of the thief's own.
	const thief = { ...newDevice(), device: victim.device };
	const own = [{ id: newStream(), from: 0, done: false, events: [order(0, 'T-T', 1)] }];
	const stolen = await post(url, syncBody(thief, own));
	assert.deepEqual([stolen.status, stolen.body.code], [403, 'key_mismatch']);
	// A device of the thief's own that now claims to be the victim.
	const known = newDevice();
	await sync(url, known, [{ id: newStream(), from: 0, done: false, events: [order(0, 'T-O', 1)] }]);
	const claim = await post(url, syncBody({ ...known, device: victim.device }, []));
	assert.deepEqual([claim.status, claim.body.code], [403, 'key_mismatch']);

	const facts = await factsOf(url, victim);
	assert.deepEqual([facts.purchases, facts.lifetime_value], [1, 5000], 'the victim is as before');
});
