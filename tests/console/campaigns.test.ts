/** Writing, publishing and rolling back rules, as a marketer does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, type Page, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { TEMPLATES } from '../../js/console/rooms/campaigns/templates.ts';
import { campaign, editorText, goTo, mainText, says, signIn, writeDocument } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

const documents = async (): Promise<Record<string, Record<string, unknown>>> => {
	const list = (await edge.admin.ok('GET', 'sites/demo/campaigns')).campaigns as {
		id: string;
		document: Record<string, unknown>;
	}[];
	return Object.fromEntries(list.map((one) => [one.id, one.document]));
};

async function publishFromDialog(page: Page): Promise<void> {
	await page.press('Control+s');
	await page.findByRole('dialog', 'Review and publish');
	await (await page.findByRole('button', 'Publish')).click();
}

test('the sign-in link opens the console, and its token does not stay in the address', async () => {
	const page = await signIn(edge, browser);
	assert.equal(page.url().includes(edge.token), false);
	assert.equal(await page.evaluate(() => history.length < 3), true);
	await page.reload();
	await page.findByRole('heading', 'Campaigns');
	assert.deepEqual(page.console, [], 'nothing complains, the page’s own security policy included');
});

test('a wrong token is told in a sentence with the next step', async () => {
	const page = await (await browser.newContext({ language: 'ja' })).newPage();
	await page.goto(`${edge.url}/noren/console/#token=wrong`);
	await says(page, 'このトークンは使えません。');
	await says(page, 'cargo xtask up');
	assert.match(await mainText(page), /unauthorized/);
});

test('without campaigns the list teaches, and each of its beginnings is a rule the edge takes', async () => {
	const { findings } = await edge.admin.ok('POST', 'sites/demo/check', {
		campaigns: TEMPLATES.map((one) => one.document),
	});
	assert.deepEqual(
		findings.filter((finding: { level: string }) => finding.level === 'error'),
		[],
	);
	await edge.admin.publish([]);
	const page = await signIn(edge, browser);
	await says(page, 'No campaigns yet');
	await page.click('.template');
	await page.findByRole('heading', /Lingering on a product/);
	await says(page, 'Ready to publish');
	await publishFromDialog(page);
	await until('the new campaign to be live', async () => (await documents())['linger']);
	assert.equal((await documents())['linger']?.['status'], 'paused');
});

test('a mistake is shown while typing, with its code, at its place; nothing of it can be published', async () => {
	await edge.admin.publish([campaign('typed')]);
	const page = await signIn(edge, browser);
	await goTo(page, 'campaigns/typed');
	await says(page, 'Ready to publish');
	await writeDocument(page, JSON.stringify({ ...campaign('typed'), cancle: [] }, null, 1));
	await says(page, '/cancle');
	const problem = await page.findByRole('button', /^Error:.*cancle/);
	await problem.click();
	const marked = await page.evaluate(() => {
		const root = document.querySelector('.editor')?.shadowRoot;
		return root?.querySelector('.cm-lintRange-error')?.textContent;
	});
	assert.equal(marked, '"cancle"');
	await publishFromDialog(page);
	await page.findByRole('button', /cancle/);
	assert.equal('cancle' in ((await documents())['typed'] ?? {}), false, 'what was live stays live');
	// From the refusal back to the place.
	await (await page.findByRole('button', /Test typed.*cancle/)).click();
	await page.waitUntilGone('dialog');
	await writeDocument(page, JSON.stringify({ ...campaign('typed'), priority: 321 }, null, 1));
	await says(page, 'Ready to publish');
	await publishFromDialog(page);
	await until('the change to be live', async () => (await documents())['typed']?.['priority'] === 321);
});

test('unfinished JSON says what is missing and where', async () => {
	await edge.admin.publish([campaign('broken')]);
	const page = await signIn(edge, browser, { language: 'ja' });
	await goTo(page, 'campaigns/broken');
	await page.waitFor(() => document.querySelector('.editor') !== null);
	await writeDocument(page, '{"id": "broken" "trigger": {}}');
	await says(page, 'この前にカンマがありません。');
	await page.findByRole('button', '確認して公開');
});

test('completion offers what the schema allows', async () => {
	await edge.admin.publish([campaign('complete')]);
	const page = await signIn(edge, browser);
	await goTo(page, 'campaigns/complete');
	await page.waitFor(() => document.querySelector('.editor') !== null);
	await writeDocument(page, '{"id": "complete", }');
	await page.press('ArrowLeft');
	await page.keyboard('"prio');
	// The list follows every letter; what is clicked must not move any more.
	await page.waitFor(() => {
		const root = document.querySelector('.editor')?.shadowRoot;
		return root?.querySelectorAll('.cm-tooltip-autocomplete [role=option]').length === 1;
	});
	await (await page.findByRole('option', /"priority"/)).click();
	await page.waitFor(() =>
		document.querySelector('.editor')?.shadowRoot?.querySelector('.cm-content')?.textContent?.includes('"priority": '),
	);
	assert.match(await editorText(page), /"priority": /);
});

test('somebody else’s publish is neither lost nor undone: what they changed is shown, then one chooses', async () => {
	await edge.admin.publish([campaign('shared'), campaign('other')]);
	const page = await signIn(edge, browser);
	await goTo(page, 'campaigns/shared');
	await says(page, 'Ready to publish');
	await writeDocument(page, JSON.stringify({ ...campaign('shared'), priority: 100 }, null, 1));
	await says(page, 'Changed, not published');
	await edge.admin.publish([campaign('shared', { priority: 900 }), campaign('other', { priority: 7 })]);
	await publishFromDialog(page);
	const dialog = () => page.evaluate(() => document.querySelector('dialog')?.textContent ?? '');
	await page.waitFor(() => document.querySelector('dialog .conflict') !== null, [], { what: 'the conflict' });
	assert.match(await dialog(), /"priority": 900/);
	assert.equal((await documents())['shared']?.['priority'], 900, 'nothing was overwritten');
	await (await page.findByRole('button', 'Keep mine')).click();
	await (await page.findByRole('button', 'Publish')).click();
	await until('mine to be live', async () => (await documents())['shared']?.['priority'] === 100);
	assert.equal((await documents())['other']?.['priority'], 7, 'their other change stands');
});

test('a deletion can be undone before it is published, and a publish rolled back after', async () => {
	await edge.admin.publish([campaign('keep'), campaign('drop')]);
	const page = await signIn(edge, browser);
	await (await page.findByRole('button', 'Delete: Test drop')).click();
	await (await page.findByRole('button', 'Undo')).click();
	await page.findByRole('button', 'Delete: Test drop');
	await (await page.findByRole('button', 'Delete: Test drop')).click();
	await publishFromDialog(page);
	await until('the campaign to be gone', async () => !('drop' in (await documents())));
	assert.ok('keep' in (await documents()));
	await (await page.findByRole('button', 'Roll back')).click();
	await until('the campaign to be back', async () => 'drop' in (await documents()));
	await goTo(page, 'versions');
	await says(page, 'Live now');
	const versions = (await edge.admin.ok('GET', 'sites/demo/versions')).versions;
	assert.deepEqual([...versions[0].campaigns].sort(), ['drop', 'keep']);
	await goTo(page, 'audit');
	await says(page, 'developer');
	await says(page, 'Rolled back');
});

test('an unpublished change survives a crash of the page', async () => {
	await edge.admin.publish([campaign('draft')]);
	const context = await browser.newContext();
	const first = await context.newPage();
	await first.goto(`${edge.url}/noren/console/#token=${edge.token}`);
	await (await first.findByRole('button', 'Pause: Test draft')).click();
	await says(first, 'Changed, not published');
	const second = await context.newPage();
	await second.goto(`${edge.url}/noren/console/`);
	await says(second, 'Changed, not published');
	await context.close();
	assert.notEqual((await documents())['draft']?.['status'], 'paused');
});

test('hostile text is shown as text', async () => {
	const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
	await edge.admin.publish([campaign('hostile', { name: hostile })]);
	const page = await signIn(edge, browser);
	await says(page, hostile);
	await goTo(page, 'campaigns/hostile');
	await says(page, hostile);
	await goTo(page, 'versions');
	assert.equal(await page.evaluate(() => document.querySelector('img, main script') === null), true);
	assert.match(await page.evaluate(() => document.title), /Noren/);
});

test('assistive technology finds nothing serious missing, in light and dark, wide and narrow', async () => {
	await edge.admin.ok('PUT', 'sites/demo/campaigns', {
		campaigns: [campaign('accessible'), campaign('second', { status: 'paused' })],
		replace: true,
		site: { holdout: { share: 5 }, calendars: { jp: ['2026-12-31'] } },
	});
	const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
	for (const options of [
		{ colorScheme: 'light' },
		{ colorScheme: 'dark', language: 'ja', viewport: { width: 390, height: 800 } },
	] as const) {
		const page = await signIn(edge, browser, options);
		// As a function, because the console's policy forbids the page to make scripts of strings.
		await page.evaluate(new Function(axe) as () => void);
		for (const room of [
			'campaigns',
			'campaigns/accessible',
			'live',
			'chat',
			'numbers',
			'site',
			'versions',
			'keys',
			'audit',
		]) {
			await goTo(page, room);
			await page.waitFor(() => document.querySelector('.waiting') === null, [], { what: 'nothing left to load' });
			const found = await page.evaluate(async () => {
				const { axe } = window as unknown as { axe: { run(on: unknown, options: unknown): Promise<any> } };
				// The editor's scroller holds a content-editable element, which the rule does not count as focusable.
				const result = await axe.run(document, { rules: { 'scrollable-region-focusable': { enabled: false } } });
				return result.violations.map(
					(one: any) => `${one.id}: ${one.nodes.map((node: any) => node.html).join(' ')}`,
				) as string[];
			});
			assert.deepEqual(found, [], room);
			assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${room} fits`);
		}
	}
});
