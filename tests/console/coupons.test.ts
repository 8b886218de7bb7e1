/** Coupon pools, as the owner of a site fills, watches and closes them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { goTo, mainText, says, signIn } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

const pool = (name: string) => edge.admin.request('GET', `sites/demo/pools/${name}`);

test('a pool is made, filled from a list with duplicates named by line, closed and opened again', async () => {
	const page = await signIn(edge, browser);
	await goTo(page, 'coupons');
	await says(page, 'No coupon pools yet');
	await (await page.findByRole('button', 'New pool')).click();
	await page.findByRole('dialog', 'New pool');
	await (await page.findByRole('textbox', /^Name/)).click();
	await page.commitComposition('welcome');
	await (await page.findByRole('spinbutton', 'Worth')).click();
	await page.commitComposition('500');
	await (await page.findByRole('textbox', 'Codes begin with')).click();
	await page.commitComposition('TEA-');
	await page.press('Enter');
	await page.waitUntilGone('dialog');
	await says(page, '500 JPY off');
	const made = (await pool('welcome')).body;
	assert.deepEqual([made.stock, made.terms.value, made.terms.currency, made.bound], [100, 500, 'JPY', false]);

	await (await page.findByRole('button', 'Add codes: welcome')).click();
	await (await page.findByRole('radio', /^Codes I have/)).click();
	await (await page.findByRole('textbox', /^Codes, one a line/)).click();
	await page.commitComposition('code\n<b>A</b>\nB\nB\nC\nB');
	await says(page, '5 codes found');
	await page.press('Tab');
	await (await page.findByRole('button', 'Add codes')).click();
	await says(page, 'The codes in 2 lines were there before: 4, 6');
	await (await page.findByRole('button', 'Got it')).click();
	assert.equal((await pool('welcome')).body.stock, 103);
	assert.equal(await page.evaluate(() => document.querySelector('main b')), null, 'a code is text');

	await (await page.findByRole('button', 'Close the pool: welcome')).click();
	await page.findByRole('dialog', 'Close “welcome”?');
	await (await page.findByRole('button', 'Close the pool')).click();
	await until('it to be closed', async () => (await pool('welcome')).body.closed === true);
	await says(page, 'Closed');
	await (await page.findByRole('button', 'Open again: welcome')).click();
	await until('it to be open', async () => (await pool('welcome')).body.closed === false);
	await goTo(page, 'audit');
	await says(page, 'Coupon pool filled');
	assert.deepEqual(page.console, []);
});

test('a low stock is marked, and the list can be taken away, in Japanese too', async () => {
	const terms = { kind: 'percent', value: 10, minimum: 0, currency: '' };
	await edge.admin.pool('few', { codes: ['F-1', 'F-2'], terms, low: 5 });
	const page = await signIn(edge, browser, { language: 'ja' });
	await goTo(page, 'coupons');
	await says(page, '残りわずか');
	assert.ok((await mainText(page)).includes('10%引き'));
	await page.evaluate(() => {
		const make = URL.createObjectURL;
		URL.createObjectURL = (blob) => {
			void (blob as Blob).text().then((text) => Object.assign(window, { taken: text }));
			return make(blob);
		};
	});
	await (await page.findByRole('button', 'CSVで書き出す(「few」)')).click();
	const csv = await page.waitFor(() => (window as unknown as { taken?: string }).taken);
	assert.match(String(csv), /"F-1","free"/);
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.ok(entries.some(({ action, what }: any) => action === 'pool_export' && what === 'few'));
});
