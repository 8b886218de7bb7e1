/** Seeing visitors and answering them, as an operator does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { campaign, goTo, report, says, signIn, Writer } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

test('a visitor appears with the page, moves with it, and is gone when the tab is closed', async () => {
	const operator = await signIn(edge, browser);
	await goTo(operator, 'live');
	await says(operator, 'Nobody is on the site');
	const visitor = await (await browser.newContext()).newPage();
	await visitor.goto(`${edge.url}/shop/`);
	await says(operator, '/shop/');
	await says(operator, '1 visitor on the site');
	await visitor.goto(`${edge.url}/shop/cart/`);
	await says(operator, '/shop/cart/');
	await visitor.close();
	await says(operator, 'Nobody is on the site');
});

test('a visitor’s message reaches the console and the answer comes back', async () => {
	const writer = new Writer(edge);
	await writer.open();
	const page = await signIn(edge, browser);
	await goTo(page, 'chat');
	await writer.say('送料はいくらですか? <b>x</b>');
	await says(page, '送料はいくらですか? <b>x</b>');
	await page.waitFor(() => /^\(1\)/.test(document.title), [], { what: 'the unread message in the title' });
	await page.click('.conversation');
	await page.findByRole('textbox', 'Your answer');
	await page.click('.composer textarea');
	await page.keyboard('500 yen');
	await page.press('Enter');
	assert.equal(await writer.hears('500 yen'), 1);
	await page.waitFor(() => !document.title.startsWith('('), [], { what: 'nothing unread' });
	writer.close();
});

test('beside a conversation stands what its visitor is doing', async () => {
	const writer = new Writer(edge);
	await writer.open();
	await writer.say('one question');
	const page = await signIn(edge, browser);
	await goTo(page, `chat/${writer.device}`);
	await says(page, 'Not on the site now');
	await writer.visits('/shop/product/matcha/');
	await page.waitFor(() => document.querySelector('.facts')?.textContent?.includes('/shop/product/matcha/') === true);
	writer.close();
});

test('Enter that takes a word from an input method does not send', async () => {
	const writer = new Writer(edge);
	await writer.open();
	await writer.say('hello');
	const page = await signIn(edge, browser, { language: 'ja' });
	await goTo(page, `chat/${writer.device}`);
	await says(page, 'hello');
	await page.click('.composer textarea');
	await page.compose('にほんご');
	await page.pressWhileComposing('Enter');
	await page.commitComposition('日本語');
	assert.equal(await page.evaluate(() => document.querySelectorAll('.bubble.operator').length), 0);
	await page.press('Enter');
	assert.equal(await writer.hears('日本語'), 1);
	writer.close();
});

test('an answer written while the edge is down arrives once when it is back', async () => {
	const writer = new Writer(edge);
	await writer.open();
	await writer.say('are you there?');
	const page = await signIn(edge, browser);
	await goTo(page, `chat/${writer.device}`);
	await says(page, 'are you there?');
	writer.close();
	await edge.kill();
	await says(page, 'Connection lost');
	await page.click('.composer textarea');
	await page.keyboard('yes, we are');
	await page.press('Enter');
	await says(page, 'Sending');
	await edge.restart();
	await page.waitFor(() => document.querySelector('.waiting-out') === null, [], {
		what: 'the answer to be stored',
		timeoutMs: 30_000,
	});
	const { socket, messages } = await edge.admin.socket(`sites/demo/chat?conversation=${writer.device}`);
	socket.send(JSON.stringify({ t: 'hello', since: 0 }));
	await new Promise<void>((resolve) => {
		if (messages.length > 0) resolve();
		else socket.addEventListener('message', () => resolve(), { once: true });
	});
	const texts = messages.flatMap((frame) => (frame.messages ?? []).map((one: { text: string }) => one.text));
	assert.deepEqual(texts, ['are you there?', 'yes, we are']);
	socket.close();
});

test('the numbers stand beside those of the control, per visitor', async () => {
	await edge.admin.publish([campaign('counted')]);
	const reached = (arm: string) => ({
		name: 'noren_exposure',
		props: { campaign: 'counted', variant: arm === 'control' ? '' : 'a', arm, phase: 1 },
	});
	const order = (id: string) => ({ name: 'purchase', props: { transaction_id: id, value: 1200, currency: 'JPY' } });
	await report(edge, [{ name: 'page_view' }, reached('treated'), order('t-1')]);
	await report(edge, [{ name: 'page_view' }, reached('treated')]);
	await report(edge, [{ name: 'page_view' }, reached('control')]);
	await until('the edge to have counted', async () => {
		const rows = await edge.admin.numbers();
		return rows.reduce((sum, row) => sum + Number(row['visitors']), 0) === 3;
	});
	const page = await signIn(edge, browser);
	await goTo(page, 'numbers');
	await says(page, 'Test counted');
	const rows = await page.evaluate(() =>
		[...document.querySelectorAll('table.numbers tbody tr')].map((row) =>
			[...row.children].slice(0, 8).map((cell) => cell.firstChild?.textContent ?? ''),
		),
	);
	assert.deepEqual(
		rows.map(([arm, visitors, converted, rate, , , , shown]) => [arm, visitors, shown, converted, rate]),
		[
			['Variant a', '2', '2', '1', '50.0%'],
			['Control (saw nothing)', '1', '1', '0', '0.0%'],
		],
	);
});

test('what a visitor does is on the operator’s screen within a second of the edge having it', async (t) => {
	// An edge of its own, so that the count is known.
	const quiet = await Edge.start();
	t.after(() => quiet.stop());
	const operator = await signIn(quiet, browser);
	await goTo(operator, 'live');
	await says(operator, 'Nobody is on the site');
	for (const path of ['/first/', '/second/', '/third/']) {
		await report(quiet, [
			{ name: 'page_view', props: { page_location: quiet.url + path, page_path: path } },
			{ name: 'click' },
		]);
		await says(operator, path, 1_000);
	}
	await says(operator, '3 visitors on the site', 1_000);
});
