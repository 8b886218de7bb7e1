/** What a visitor would see, shown in the console from the text as it stands. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, type Page, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { campaign, goTo, says, signIn } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

const shows = (id: string, action: object) => campaign(id, { variants: [{ id: 'a', weight: 100, action }] });
const slot = { at: '#only-on-the-site', height: 120 };

async function opened(id: string): Promise<Page> {
	const page = await signIn(edge, browser);
	await goTo(page, `campaigns/${id}`);
	await says(page, 'Preview');
	return page;
}

test('a variant is shown as a visitor would see it, in the language that is chosen, and nothing is counted', async () => {
	const title = { en: 'Hello {{traits.name|you}}', ja: '{{traits.name|お客様}}、こんにちは' };
	await edge.admin.publish([shows('greets', { kind: 'popup', title })]);
	const page = await opened('greets');
	await (await page.findByRole('button', 'Show variant a')).click();
	await page.findByRole('dialog', 'Hello you');
	await page.press('Escape');
	await page.waitUntilGone('dialog', 'Hello you');
	await page.evaluate(() => {
		const select = document.querySelector<HTMLSelectElement>('.preview-tools select');
		if (select === null) return;
		select.value = 'ja';
		select.dispatchEvent(new Event('change', { bubbles: true }));
	});
	await (await page.findByRole('button', 'Show variant a')).click();
	await page.findByRole('dialog', 'お客様、こんにちは');
	const rows = await edge.admin.numbers();
	assert.deepEqual(
		rows.filter((row) => row['id'] === 'greets' && Number(row['impressions']) > 0),
		[],
	);
	assert.deepEqual(
		page.console.filter((line) => /Security Policy/iu.test(JSON.stringify(line))),
		[],
	);
});

test('every kind can be shown without the page that it is for', async () => {
	const ask = { name: 'q', type: 'stars', ask: 'How was it?' };
	const kinds: readonly [kind: string, more: object, role: string, name: RegExp][] = [
		['bar', {}, 'region', /^bar$/],
		['chat', {}, 'region', /^chat$/],
		['coupon', { coupon: { pool: 'p' } }, 'dialog', /^coupon$/],
		['countdown', { countdown: { minutes: 5, name: 'n' } }, 'timer', /left$/],
		['html', { html: '<b>ours</b>', height: 90 }, 'dialog', /^html$/],
		['inline', { slot }, 'region', /^inline$/],
		['proof', { count: { from: '#sold', minimum: 50 }, position: 'slot', slot }, 'region', /^proof$/],
		['recommend', { from: '#list' }, 'region', /^recommend$/],
		['slide', {}, 'region', /^slide$/],
		['survey', { survey: { id: 's', questions: [ask] } }, 'radio', /^3 stars$/],
	];
	await edge.admin.publish(kinds.map(([kind, more]) => shows(`a-${kind}`, { kind, title: kind, ...more })));
	const page = await signIn(edge, browser);
	for (const [kind, , role, name] of kinds) {
		await goTo(page, `campaigns/a-${kind}`);
		await page.findByRole('heading', new RegExp(`a-${kind}`));
		await (await page.findByRole('button', 'Show variant a')).click();
		await page.findByRole(role, name);
	}
});

test('what a visitor would not see is said', async () => {
	await edge.admin.publish([
		shows('late', { kind: 'countdown', title: 'x', countdown: { until: '2020-01-01T00:00Z' } }),
	]);
	const page = await opened('late');
	await (await page.findByRole('button', 'Show variant a')).click();
	await says(page, 'A visitor would not see this');
});
