/** A visitor writes, the operator answers in the console, and no power failure in between loses a word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goTo, signIn } from '../console/support.ts';
import type { Page } from '../driver/driver.ts';
import { PRODUCT, shop } from './pages/shop.ts';
import { campaign, lingering, stage } from './pages/stage.ts';

const s = stage(({ edge }) =>
	edge.admin.publish([
		campaign('ask', {
			trigger: lingering('1s'),
			variants: [{ id: 'a', weight: 100, action: { kind: 'chat', title: 'May we help?' } }],
		}),
	]),
);

async function write(page: Page, text: string): Promise<void> {
	await (await page.findByRole('textbox', 'Your message')).focus();
	await page.keyboard(text);
	await page.press('Enter');
}

/** How often a text stands in the visitor's panel. */
const timesIn = (page: Page, text: string) =>
	page.evaluate((wanted) => {
		const log = document.querySelector('noren-widget')?.shadowRoot?.querySelector('[role=log]')?.textContent ?? '';
		return log.split(wanted).length - 1;
	}, text);

const visitorSees = (page: Page, text: string) =>
	page.waitFor(
		(wanted) =>
			document.querySelector('noren-widget')?.shadowRoot?.querySelector('[role=log]')?.textContent?.includes(wanted),
		[text],
		{ what: `the visitor to see “${text}”`, timeoutMs: 20_000 },
	);

const operatorSees = (page: Page, text: string) =>
	page.waitFor((wanted) => document.querySelector('main .log')?.textContent?.includes(wanted), [text], {
		what: `the operator to see “${text}”`,
		timeoutMs: 20_000,
	});

async function openConversation(console: Page): Promise<void> {
	await goTo(console, 'chat');
	await console.waitFor(() => document.querySelector('a.conversation') !== null, [], { what: 'a conversation' });
	await console.click('a.conversation');
}

async function answer(console: Page, text: string): Promise<void> {
	await (await console.findByRole('textbox', 'Your answer')).focus();
	await console.keyboard(text);
	await console.press('Enter');
}

test('a message reaches the console and the answer comes back, also after the edge was killed in between', async (t) => {
	const page = await s.visit(t, PRODUCT);
	await (await page.findByRole('button', 'Start a chat')).click();
	await write(page, 'Is the sencha from this year?');
	const console = await signIn(s.edge, s.session);
	await openConversation(console);
	await operatorSees(console, 'Is the sencha from this year?');
	await answer(console, 'Yes, picked in May.');
	await visitorSees(page, 'Yes, picked in May.');

	await s.edge.kill();
	await write(page, 'Do you wrap gifts?');
	await answer(console, 'Anything else?');
	await s.edge.restart();
	await operatorSees(console, 'Do you wrap gifts?');
	await visitorSees(page, 'Anything else?');
	await answer(console, 'We do, in furoshiki.');
	await visitorSees(page, 'We do, in furoshiki.');
	for (const text of [
		'Is the sencha from this year?',
		'Yes, picked in May.',
		'Do you wrap gifts?',
		'We do, in furoshiki.',
	]) {
		assert.equal(await timesIn(page, text), 1, `“${text}” once`);
	}

	// The conversation goes with the visitor from page to page.
	await page.goto(s.address(shop('about/')));
	await visitorSees(page, 'We do, in furoshiki.');
	await write(page, 'Thank you!');
	await operatorSees(console, 'Thank you!');
});
