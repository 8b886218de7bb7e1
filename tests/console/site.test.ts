/** What a marketer says for all campaigns at once: held-out visitors and calendars; and campaigns that their own rule has ended. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, type Page, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { campaign, goTo, report, says, signIn, writeDocument } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

const live = async () => (await edge.admin.ok('GET', 'sites/demo/document')).document;

/** Writes into the field of that name as a person does: what stood there is selected and typed over. */
async function fill(page: Page, name: string | RegExp, text: string): Promise<void> {
	await (await page.findByRole('textbox', name)).focus();
	await page.press('Control+a');
	await page.press('Delete');
	await page.commitComposition(text);
}

async function publishFromDialog(page: Page): Promise<void> {
	await page.press('Control+s');
	await (await page.findByRole('button', 'Publish')).click();
	await page.waitUntilGone('dialog');
}

/** What the field with the focus is described by. */
const described = (page: Page) =>
	page.evaluate(() => {
		const ids = document.activeElement?.getAttribute('aria-describedby')?.split(' ') ?? [];
		const text = ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
		return { text, invalid: document.activeElement?.getAttribute('aria-invalid') };
	});

async function isDescribed(page: Page, pattern: RegExp, invalid: boolean): Promise<void> {
	await until(`the field to be described by ${pattern}`, async () => {
		const now = await described(page);
		return pattern.test(now.text) && now.invalid === String(invalid);
	});
}

test('a holdout and a calendar are drafts, checked beside their fields, and published with the campaign that names it', async () => {
	await edge.admin.publish([campaign('closed')]);
	const context = await browser.newContext();
	let page = await context.newPage();
	await page.goto(`${edge.url}/noren/console/#token=${edge.token}`);
	await page.findByRole('heading', 'Campaigns');
	await goTo(page, 'site');
	await fill(page, /^Share/, '51');
	await isDescribed(page, /number_out_of_range/, true);
	await fill(page, /^Share/, '2.5');
	await isDescribed(page, /^(?!.*number_out_of_range)/s, false);
	await says(page, 'Ready to publish');

	await (await page.findByRole('button', 'Add a calendar')).click();
	await fill(page, /^Name/, 'jp');
	await page.press('Tab');
	await fill(page, /^Days/, '2026/12/31\nsoon');
	await isDescribed(page, /Line 2:.*date_invalid/s, true);
	await fill(page, /^Days/, '2026/12/31\n2027-01-01');
	await isDescribed(page, /2 days/, false);
	assert.deepEqual(await live(), {}, 'nothing of it is live yet');

	// The campaign editor knows the calendar that is only a draft, and offers its name.
	await goTo(page, 'campaigns/closed');
	await page.waitFor(() => document.querySelector('.editor') !== null);
	const schedule = { zone: 'Asia/Tokyo', calendar: { closed: 'jp' } };
	await writeDocument(page, JSON.stringify(campaign('closed', { schedule: { calendar: { closed: 'jpn' } } }), null, 1));
	await says(page, 'calendar_unknown');
	await writeDocument(page, JSON.stringify(campaign('closed', { schedule }), null, 1));
	await says(page, 'Ready to publish');
	// The page crashes.
	page = await context.newPage();
	await page.goto(`${edge.url}/noren/console/`);
	await page.waitFor(() => document.querySelector('.strip.pending')?.textContent?.includes('2 changes') === true);
	await publishFromDialog(page);
	await until('both to be live', async () => 'holdout' in (await live()));
	assert.deepEqual(await live(), {
		holdout: { share: 2.5 },
		calendars: { jp: ['2026-12-31', '2027-01-01'] },
	});
	assert.equal((await edge.admin.ok('GET', 'sites/demo')).version, 2, 'one version');
	await goTo(page, 'audit');
	await says(page, 'Published');
});

test('the name of a calendar is offered where a schedule may name one', async () => {
	await edge.admin.ok('PUT', 'sites/demo/campaigns', {
		campaigns: [campaign('closed')],
		replace: true,
		site: { calendars: { holidays: ['2026-12-31'] } },
	});
	const page = await signIn(edge, browser);
	await goTo(page, 'campaigns/closed');
	await page.waitFor(() => document.querySelector('.editor') !== null);
	await writeDocument(page, '{"schedule": {"calendar": {"closed": }}}');
	for (let n = 0; n < 3; n += 1) await page.press('ArrowLeft');
	await page.press('Control+ ');
	await page.findByRole('option', /"holidays"/);
});

test('a calendar that campaigns need is not taken from them unseen, and its deletion is undone with one press', async () => {
	const schedule = { calendar: { closed: 'jp' } };
	await edge.admin.ok('PUT', 'sites/demo/campaigns', {
		campaigns: [campaign('closed', { schedule })],
		replace: true,
		site: { calendars: { jp: ['2026-12-31'] } },
	});
	const page = await signIn(edge, browser);
	await goTo(page, 'site');
	await says(page, 'Named by 1 campaign');
	await (await page.findByRole('button', 'Delete: jp')).click();
	await says(page, '1 campaign would have errors with these settings');
	await page.press('Control+s');
	await (await page.findByRole('button', 'Publish')).click();
	await page.findByRole('alert');
	assert.deepEqual(await live(), { calendars: { jp: ['2026-12-31'] } }, 'nothing was changed');
	await (await page.findByRole('button', 'Not yet')).click();
	await page.waitUntilGone('dialog');
	// From the finding to the place in the campaign, and back.
	await (await page.findByRole('button', /Test closed.*calendar_unknown/)).click();
	await page.findByRole('heading', /Test closed/);
	await goTo(page, 'site');
	await (await page.findByRole('button', 'Discard changes')).click();
	await says(page, 'Named by 1 campaign');
	await (await page.findByRole('button', 'Undo')).click();
	await says(page, '1 campaign would have errors');
	await (await page.findByRole('button', 'Discard changes')).click();
	await page.waitFor(() => document.querySelector('.strip.pending') === null);
});

test('somebody else’s holdout is shown before one’s own replaces it', async () => {
	await edge.admin.publish([campaign('a')]);
	const page = await signIn(edge, browser, { language: 'ja' });
	await goTo(page, 'site');
	await fill(page, /^割合/, '5');
	await page.waitFor(() => document.querySelector('.strip.pending') !== null);
	await edge.admin.ok('PUT', 'sites/demo/document', { document: { holdout: { share: 20 } } });
	await page.press('Control+s');
	await (await page.findByRole('button', '公開する')).click();
	await page.waitFor(() => document.querySelector('dialog .conflict') !== null, [], { what: 'the conflict' });
	assert.deepEqual(await live(), { holdout: { share: 20 } });
	assert.match(await page.evaluate(() => document.querySelector('dialog .conflict')?.textContent ?? ''), /"share": 20/);
	await (await page.findByRole('button', '自分の変更を生かす')).click();
	await (await page.findByRole('button', '公開する')).click();
	await until('mine to be live', async () => (await live()).holdout.share === 5);
});

test('a campaign that has reached its total is said to be over, and why', async () => {
	await edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [campaign('a')], replace: true, site: {} });
	const props = { campaign: 'a', variant: 'a', arm: 'treated', phase: 1 };
	for (let n = 0; n < 2; n += 1) await report(edge, [{ name: 'page_view' }, { name: 'noren_exposure', props }]);
	await until('two shows', async () =>
		(await edge.admin.numbers()).some((row) => row['arm'] === 'treated' && row['shown'] === 2),
	);
	const page = await signIn(edge, browser);
	await says(page, 'Test a');
	await edge.admin.publish([campaign('a', { stop: { shows: 2 } })]);
	await until(
		'the edge to stop it',
		async () => (await edge.admin.ok('GET', 'sites/demo/campaigns')).campaigns[0].stopped,
	);
	await page.reload();
	await says(page, 'Stopped by its rule (2 shows)');
	await says(page, '2 were counted by then');
	await goTo(page, 'audit');
	await says(page, 'Stopped at its total');
	const japanese = await signIn(edge, browser, { language: 'ja' });
	await says(japanese, '終了条件に達しました(表示 2 回)');
});
