/** The driver does what its interface says: every other browser test trusts it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { launch } from './driver.ts';
import type { Session } from './driver.ts';

const PAGE = `<!doctype html><html lang="en"><title>Page</title><style>body{height:3000px}</style>
<h1>Hello</h1><label>Name <input id="name"></label>
<div id="host"></div><output id="log"></output>
<script>
const log = (line) => { document.querySelector('#log').textContent += line + ';' };
const root = document.querySelector('#host').attachShadow({ mode: 'closed' });
const button = document.createElement('button');
button.textContent = 'Inside a closed tree';
button.addEventListener('click', (event) => log('clicked ' + event.isTrusted));
root.append(button);
document.addEventListener('keydown', (event) => log(event.key + ' ' + event.isComposing + ' ' + event.keyCode));
document.addEventListener('compositionend', (event) => log('composed ' + event.data));
console.warn('one warning');
</script>`;

let session: Session;
let address: string;
const server = createServer((request, response) => {
	if (request.url === '/page') response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
	else response.writeHead(200, { 'Content-Type': 'text/plain' }).end(request.headers['accept-language']);
});

before(async () => {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	session = await launch();
});

after(async () => {
	await session.close();
	server.closeAllConnections();
	server.close();
});

async function open(options = {}) {
	const context = await session.newContext(options);
	const page = await context.newPage();
	await page.goto(`${address}/page`);
	return { context, page };
}

const logged = () => document.querySelector('#log')?.textContent ?? '';

test('points at what is inside closed shadow trees, with real input', async () => {
	const { context, page } = await open();
	const button = await page.findByRole('button', 'Inside a closed tree');
	await button.click();
	assert.equal(await page.evaluate(logged), 'clicked true;');
	assert.equal(await button.text(), 'Inside a closed tree');
	const tree = await page.accessibility();
	assert.ok(tree.some((node) => node.role === 'heading' && node.name === 'Hello'));
	assert.ok(tree.some((node) => node.role === 'button' && node.focused));
	await context.close();
});

test('composes as an input method does', async () => {
	const { context, page } = await open();
	await page.click('#name');
	await page.compose('にほん');
	await page.pressWhileComposing('Enter');
	await page.commitComposition('日本');
	await page.press('Enter');
	const log = await page.evaluate(logged);
	assert.match(log, /Enter true 229;/);
	assert.match(log, /composed 日本;/);
	assert.match(log, /Enter false 13;$/);
	assert.equal(await page.evaluate(() => document.querySelector<HTMLInputElement>('#name')?.value), '日本');
	await context.close();
});

test('hides and shows a tab, and waits inside hidden pages', async () => {
	const { context, page } = await open();
	await page.evaluate(() => {
		Object.assign(window, { seen: [] as string[] });
		document.addEventListener('visibilitychange', () =>
			(window as unknown as { seen: string[] }).seen.push(document.visibilityState),
		);
	});
	await page.hide();
	await page.show();
	const seen = await page.waitFor(() => {
		const { seen } = window as unknown as { seen: string[] };
		return seen.length === 2 && seen;
	});
	assert.deepEqual(seen, ['hidden', 'visible']);
	await context.close();
});

test('sees the console', async () => {
	const { context, page } = await open();
	assert.deepEqual(page.console, [{ type: 'warn', text: 'one warning' }]);
	await context.close();
});

test('points at what has a role and a name in open shadow trees, and sees nothing but a modal dialog while there is one', async () => {
	const { context, page } = await open();
	await page.evaluate(() => {
		const root = document.body.appendChild(document.createElement('p')).attachShadow({ mode: 'open' });
		// Built by hand: the page's policy might forbid markup.
		const dialog = document.createElement('dialog');
		const title = document.createElement('h2');
		const button = document.createElement('button');
		title.id = 'title';
		title.textContent = 'Sale';
		dialog.setAttribute('aria-labelledby', 'title');
		button.textContent = 'Close';
		button.addEventListener('click', () => dialog.close());
		dialog.append(title, button);
		root.append(dialog);
		dialog.showModal();
	});
	const dialog = await page.findByRole('dialog', 'Sale');
	assert.match(await dialog.text(), /Sale/);
	const roles = (await page.accessibility()).map(({ role, name }) => `${role} ${name}`);
	assert.ok(roles.includes('button Close') && !roles.includes('heading Hello'), roles.join(', '));
	await (await page.findByRole('button', /^Cl/)).click();
	await page.waitUntilGone('dialog', 'Sale');
	await page.findByRole('heading', 'Hello');
	await context.close();
});

test('types, presses keys and scrolls as a person does', async () => {
	const { context, page } = await open();
	await page.type('#name', 'Tea 茶');
	await page.press('Backspace');
	assert.equal(await page.evaluate(() => document.querySelector<HTMLInputElement>('#name')?.value), 'Tea ');
	await page.press('Escape');
	assert.match(await page.evaluate(logged), /Escape false/);
	const [field] = (await page.accessibility()).filter(({ role }) => role === 'textbox');
	assert.deepEqual(field && [field.name.trim(), field.value?.trim(), field.focused], ['Name', 'Tea', true]);
	await page.scrollBy(500);
	await page.waitFor(() => scrollY > 0, [], { what: 'the page to have moved' });
	await context.close();
});

test('goes back, loads again, closes a tab and opens another', async () => {
	const { context, page } = await open();
	await page.goto(`${address}/language`);
	assert.equal(await page.evaluate(() => document.querySelector('h1')), null);
	await page.back();
	await page.findByRole('heading', 'Hello');
	assert.equal(page.url(), `${address}/page`);
	await page.reload();
	await page.findByRole('heading', 'Hello');
	await page.close();
	const next = await context.newPage();
	await next.goto(`${address}/page`);
	await next.findByRole('heading', 'Hello');
	await context.close();
});

test('sees requests, blocks addresses and cuts the line', async () => {
	const { context, page } = await open();
	const ask = (path: string) =>
		fetch(path).then(
			() => 'answered',
			() => 'failed',
		);
	assert.equal(await page.evaluate(ask, '/a?secret'), 'answered');
	await page.block(['*secret*']);
	assert.equal(await page.evaluate(ask, '/b?secret'), 'failed');
	assert.equal(await page.evaluate(ask, '/c'), 'answered');
	await page.setNetwork({ offline: true });
	assert.equal(await page.evaluate(ask, '/d'), 'failed');
	await page.setNetwork({});
	assert.equal(await page.evaluate(ask, '/e'), 'answered');
	const seen = page.requests.map(({ url, status, failure }) => [
		url.slice(address.length),
		failure === undefined ? status : 'failed',
	]);
	assert.deepEqual(
		seen.filter(([path]) => path !== '/favicon.ico'),
		[
			['/page', 200],
			['/a?secret', 200],
			['/b?secret', 'failed'],
			['/c', 200],
			['/d', 'failed'],
			['/e', 200],
		],
	);
	await context.close();
});

test('a visitor has a language, and asks for pages in it', async () => {
	const { context, page } = await open({ language: 'ja-JP' });
	assert.equal(await page.evaluate(() => navigator.language), 'ja-JP');
	assert.match(await page.evaluate(async () => (await fetch('/language')).text()), /^ja-JP/);
	await context.close();
});

test('a context is a visitor of its own, in its own taste', async () => {
	const first = await open({ colorScheme: 'dark', reducedMotion: true });
	await first.page.evaluate(() => localStorage.setItem('kept', 'yes'));
	const asked = await first.page.evaluate(() => [
		matchMedia('(prefers-color-scheme: dark)').matches,
		matchMedia('(prefers-reduced-motion: reduce)').matches,
	]);
	assert.deepEqual(asked, [true, true]);
	const tab = await first.context.newPage();
	await tab.goto(`${address}/page`);
	assert.equal(await tab.evaluate(() => localStorage.getItem('kept')), 'yes');
	const second = await open();
	assert.equal(await second.page.evaluate(() => localStorage.getItem('kept')), null);
	await first.context.close();
	await second.context.close();
});

test('fails in words when what it waits for does not come', async () => {
	const { context, page } = await open();
	await assert.rejects(
		page.waitFor(() => false, [], { timeoutMs: 50, what: 'pigs to fly' }),
		/in vain for: pigs to fly/,
	);
	await assert.rejects(page.findByRole('button', 'Nowhere', { timeoutMs: 50 }), /button Nowhere/);
	await page.waitUntilGone('button', 'Nowhere');
	await context.close();
});
