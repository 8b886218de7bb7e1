/** Keys, as the owner of a site makes and revokes them. */
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

const track = (key: string) =>
	fetch(`${edge.url}/v1/track`, {
		method: 'POST',
		body: JSON.stringify({ writeKey: key, userId: 'u', event: 'Looked' }),
	}).then(({ status }) => status);

test('a key is made for a purpose, shown once, used, and revoked', async () => {
	const page = await signIn(edge, browser);
	await goTo(page, 'keys');
	await says(page, 'Public key of the pages');
	await (await page.findByRole('button', 'New key')).click();
	await page.findByRole('dialog', 'New key');
	await (await page.findByRole('button', 'Make the key')).click();
	assert.equal((await edge.admin.ok('GET', 'sites/demo/keys')).keys.length, 0, 'without a name there is no key');
	const name = '<b>受注</b> & "orders"';
	await (await page.findByRole('textbox', 'What it is for')).click();
	await page.commitComposition(name);
	await page.press('Enter');
	await page.findByRole('dialog', `Key “${name}”`);
	const secret = await page.waitFor(() => document.querySelector<HTMLInputElement>('input.secret')?.value);
	assert.match(String(secret), /^sk\.demo\./);
	assert.equal(await track(String(secret)), 200);
	await (await page.findByRole('button', 'I have kept it')).click();
	await page.waitUntilGone('dialog');
	await says(page, name);
	await says(page, 'Report events and orders of anybody');
	await page.reload();
	await says(page, name);
	assert.equal((await mainText(page)).includes(String(secret)), false, 'never again');
	assert.equal(await page.evaluate(() => document.querySelector('main b')), null, 'a name is text');

	await (await page.findByRole('button', `Revoke: ${name}`)).click();
	await page.findByRole('dialog', `Revoke “${name}”?`);
	await (await page.findByRole('button', 'Revoke')).click();
	await until('the key to open nothing', async () => (await track(String(secret))) === 401);
	await page.waitUntilGone('button', `Revoke: ${name}`);
	await goTo(page, 'audit');
	await says(page, 'Key revoked');
	assert.deepEqual(page.console, []);
});

test('an application gets a public key, in Japanese too', async () => {
	const page = await signIn(edge, browser, { language: 'ja' });
	await goTo(page, 'keys');
	await (await page.findByRole('button', '新しいキー')).click();
	await (await page.findByRole('textbox', '用途')).click();
	await page.commitComposition('アプリ');
	await (await page.findByRole('radio', /^書き込みキー/)).click();
	await (await page.findByRole('button', 'キーを作る')).click();
	await page.findByRole('dialog', 'キー「アプリ」');
	const { keys } = await edge.admin.ok('GET', 'sites/demo/keys');
	assert.deepEqual([keys[0].name, keys[0].kind, keys[0].scopes], ['アプリ', 'write', []]);
});
