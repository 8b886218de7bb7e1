/** What a site says for all of its campaigns, and how its object looks after the live program by itself. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const info = () => edge.admin.ok('GET', 'sites/demo');
const live = async () =>
	(await (await fetch(`${edge.url}/noren/v1/site?site=demo`)).json()) as { readonly program: string };
const program = async () => {
	const response = await fetch(`${edge.url}/noren/p/${(await live()).program}?site=demo`);
	return Buffer.from(await response.arrayBuffer()).toString('latin1');
};
const settle = (document: unknown, more: object = {}) =>
	edge.admin.request('PUT', 'sites/demo/document', { document, ...more });
const errors = (answer: { readonly body: any }): string[] =>
	answer.body.findings
		.filter((finding: any) => finding.level === 'error')
		.map((finding: any) => `${finding.campaign}${finding.path} ${finding.code}`);
const lastEntry = async () => (await edge.admin.ok('GET', 'sites/demo/audit')).entries[0];

const DAY = 86_400_000;
const JP = { calendars: { jp: ['2026-12-31', '2027-01-01'] } };
const closed = campaign({ id: 'closed', schedule: { zone: 'Asia/Tokyo', calendar: { closed: 'jp' } } });

test('a site’s document is checked, published as a version, and rolled back with it', async () => {
	assert.deepEqual(await edge.admin.ok('GET', 'sites/demo/document'), { version: 0, document: {} });
	const refused = await edge.admin.request('PUT', 'sites/demo/campaigns', { campaigns: [closed] });
	assert.deepEqual([refused.status, errors(refused)], [422, ['closed/schedule/calendar/closed calendar_unknown']]);
	const both = await edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [closed], site: JP });
	assert.equal(both.version, 1);
	assert.deepEqual(await edge.admin.ok('GET', 'sites/demo/document'), { version: 1, document: JP });
	const listed = await edge.admin.ok('GET', 'sites/demo/campaigns');
	assert.deepEqual([listed.site, listed.campaigns[0].stopped], [JP, null]);
	assert.match(listed.campaigns[0].sentence.ja, /jp/);

	const checked = await edge.admin.request('POST', 'sites/demo/check', { campaigns: [closed] });
	assert.deepEqual(errors(checked), [], 'a check knows the live document');
	const without = await edge.admin.request('POST', 'sites/demo/check', { campaigns: [closed], site: {} });
	assert.equal(errors(without).length, 1, 'and one that is tried instead');

	const before = await program();
	const answer = await settle({ ...JP, holdout: { share: 5, seed: '2026' } }, { base: 1, note: 'hold some out' });
	assert.deepEqual([answer.status, answer.body.version], [200, 2]);
	assert.equal(before.includes('__holdout:2026'), false);
	assert.equal((await program()).includes('__holdout:2026'), true, 'live campaigns are compiled again');
	assert.deepEqual(['document', 'version 2'], [(await lastEntry()).action, (await lastEntry()).what]);
	await edge.admin.ok('POST', 'sites/demo/rollback', { version: 1 });
	assert.deepEqual((await edge.admin.ok('GET', 'sites/demo/document')).document, JP);
	assert.equal((await program()).includes('__holdout:2026'), false);
});

test('a document with errors, or under which campaigns would have some, changes nothing', async () => {
	const before = await info();
	for (const [document, found] of [
		[{ holdout: { share: 51 }, ...JP }, ['/holdout/share number_out_of_range']],
		[{ calendars: { jp: ['2026-12-31', 'soon'] } }, ['/calendars/jp/1 date_invalid']],
		[{ calendars: {} }, ['closed/schedule/calendar/closed calendar_unknown']],
	] as const) {
		const answer = await settle(document);
		assert.deepEqual([answer.status, answer.body.code], [422, 'site_invalid'], JSON.stringify(document));
		for (const one of found) assert.ok(errors(answer).includes(one), `${one} among ${errors(answer)}`);
		for (const finding of answer.body.findings) assert.ok(finding.message.en && finding.message.ja);
	}
	const conflict = await settle(JP, { base: 1 });
	assert.deepEqual([conflict.status, conflict.body.code, conflict.body.version], [409, 'version_conflict', 3]);
	const long = await settle({ calendars: { jp: Array.from({ length: 60_000 }, () => '2026-12-31') } });
	assert.deepEqual([long.status, long.body.path], [400, 'document']);
	const after = await info();
	assert.deepEqual([after.version, after.program], [before.version, before.program]);
});

test('a campaign that has reached its total is taken out by the edge itself, and a higher number lifts that', async () => {
	const visitors = [new Page(edge.url), new Page(edge.url), new Page(edge.url)];
	for (const page of visitors) await page.sync([{ n: 0, name: 'page_view' }, exposure(1, 'treated', 1)]);
	await new Page(edge.url).sync([exposure(0, 'control', 1)]);
	await until('the shows to be counted', async () => {
		const rows = await edge.admin.numbers();
		return rows.filter((row) => row['arm'] === 'treated').reduce((sum, row) => sum + Number(row['shown']), 0) === 3;
	});
	// Programs go on naming a campaign that is over, without what it waits for: a word that no other campaign has.
	const ending = (shows: number) => campaign({ trigger: { on: 'ending_soon' }, stop: { shows } });
	await edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [ending(3)] });
	const entry = async () =>
		(await edge.admin.ok('GET', 'sites/demo/campaigns')).campaigns.find((one: any) => one.id === 'linger');
	const stopped = await until('the campaign to be stopped', async () => (await entry()).stopped);
	assert.deepEqual({ ...stopped, at: 0 }, { at: 0, why: 'shows', limit: 3, total: 3 });
	assert.ok(Math.abs(stopped.at - Date.now()) < 60_000);
	const said = await lastEntry();
	assert.deepEqual([said.by, said.action, said.what], ['noren', 'stop', 'linger at 3 shows']);
	await until('pages to be told', async () => !(await program()).includes('ending_soon'), { timeoutMs: 15_000 });
	assert.equal((await entry()).status, 'live', 'its document is as it was written');
	assert.equal((await info()).totals_at, null);

	await edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [ending(4)] });
	assert.equal((await entry()).stopped, null);
	assert.equal((await program()).includes('ending_soon'), true);
	const next = await until(
		'the totals to be asked for again',
		async () => {
			const at = (await info()).totals_at as number | null;
			return at !== null && at > Date.now() + 30_000 && at;
		},
		{ timeoutMs: 15_000 },
	);
	assert.ok(next <= Date.now() + 60_000, 'once a minute');
	await edge.admin.ok('DELETE', 'sites/demo/campaigns/linger');
});

/** Changes what the site's object has stored, as if another Worker had, or time had passed. */
async function behindItsBack(change: (database: DatabaseSync) => void): Promise<void> {
	await edge.kill();
	let changed = 0;
	for (const file of edge.databases('Site')) {
		const database = new DatabaseSync(file);
		// The house is an object of the same class, without settings.
		if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'settings'").get() !== undefined) {
			change(database);
			changed += 1;
		}
		database.close();
	}
	assert.equal(changed, 1);
	await edge.restart();
}

const documentOf = (database: DatabaseSync) =>
	JSON.parse(String(database.prepare('SELECT body FROM settings').get()?.['body']));

test('a program with hours says when it is compiled again, and is, when that time comes', async () => {
	await edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [closed] });
	const before = await info();
	assert.ok(Math.abs(before.renews_at - Date.now() - 200 * DAY) < 60_000);
	await behindItsBack((database) => {
		const settings = documentOf(database);
		settings.due.renew = Date.now() - 1_000;
		database.prepare('UPDATE settings SET body = ?').run(JSON.stringify(settings));
	});
	const after = await until(
		'the program to be compiled again',
		async () => {
			const now = await info();
			return now.program !== before.program && now;
		},
		{ timeoutMs: 20_000 },
	);
	assert.equal(after.version, before.version);
	assert.ok(after.renews_at > Date.now() + 199 * DAY);
	const said = await lastEntry();
	assert.deepEqual([said.by, said.action, said.what], ['noren', 'renew', `version ${after.version}`]);
	assert.match(await program(), /^NRN/);
});

test('a program of a Worker that this one cannot read is compiled again, and no sync fails meanwhile', async () => {
	const page = new Page(edge.url);
	assert.equal(
		(
			await page.sync([
				{ n: 0, name: 'page_view' },
				{ n: 1, name: 'view_item' },
			])
		).status,
		200,
	);
	const before = await info();
	await behindItsBack((database) => {
		const old = Buffer.from('NRN\x01 as it was written once');
		database.prepare('UPDATE blob SET body = ? WHERE hash = ?').run(old, before.program);
	});
	const answer = await page.sync([{ n: 2, name: 'view_item' }]);
	assert.deepEqual([answer.status, answer.body.acks[0].next], [200, 3]);
	const after = await info();
	assert.notEqual(after.program, before.program);
	assert.equal(answer.body.program, after.program, 'it was compiled before the first page was told of it');
	assert.match(await program(), /^NRN\x02[^]*closed/);
	assert.equal((await lastEntry()).action, 'renew');

	// And where even that is impossible.
	await behindItsBack((database) => {
		database.prepare('UPDATE blob SET body = ? WHERE hash = ?').run(Buffer.from('?'), after.program);
		database.prepare('DELETE FROM blob WHERE hash <> ?').run(after.program);
	});
	const last = await page.sync([
		{ n: 3, name: 'view_item' },
		{ n: 4, name: 'purchase', props: { value: 1 } },
	]);
	assert.deepEqual([last.status, last.body.acks[0].next], [200, 5]);
	assert.equal(last.body.facts.purchases, 1);
});
