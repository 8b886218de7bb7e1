/** Whoever writes it, marketer, visitor or the address bar: text is text, in what visitors see and in what the owner sees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goTo, signIn } from '../console/support.ts';
import type { Page } from '../driver/driver.ts';
import { newDevice, newStream, sync } from './pages/device.ts';
import { campaign, ready, stage, taggedPage } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

/** Each would set `hacked` if anything in the way took it for markup, script or a template. */
const EVIL = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"'>\u0060\${window.hacked=1}`;
const SCRIPT_URL = 'javascript:window.hacked=1';

const unharmed = async (page: Page) => assert.equal(await page.evaluate(() => 'hacked' in window), false);
const inWidgets = (page: Page) =>
	page.evaluate(() =>
		[...document.querySelectorAll('noren-widget')].map((one) => {
			const root = one.shadowRoot;
			return {
				text: root?.textContent ?? '',
				strangers: root?.querySelectorAll('script, iframe, object, embed, img[onerror], img[src=x]').length ?? 0,
				links: [...(root?.querySelectorAll('a') ?? [])].map((link) => link.href),
			};
		}),
	);

const fields = (kind: string) => ({
	kind,
	title: { en: `${EVIL.slice(0, 100)}`, ja: 'x' },
	body: { en: `Hello {{traits.name|friend}} ${EVIL}`, ja: 'x' },
	buttons: [
		{ label: { en: EVIL.slice(0, 60), ja: 'x' }, action: 'link', url: '/<script>window.hacked=1</script>' },
		{ label: { en: '"><b onclick=1>', ja: 'x' }, action: 'close' },
	],
	...(kind === 'coupon' && { coupon: { pool: 'evil' } }),
});

for (const kind of ['popup', 'bar', 'slide', 'coupon', 'chat']) {
	test(`a ${kind} shows hostile words of campaign and profile as words`, async (t) => {
		if (kind === 'coupon')
			await s.edge.admin.pool('evil', { codes: ['<B>-1'], terms: { kind: 'amount', value: 1, currency: 'JPY' } });
		const rule = campaign('evil', {
			name: { en: EVIL.slice(0, 100), ja: EVIL.slice(0, 100) },
			trigger: { on: 'search' },
			variants: [{ id: 'a', weight: 100, action: fields(kind) }],
		});
		await s.edge.admin.publish([rule]);
		const site = await s.site(t, { '/': { html: taggedPage() } });
		const page = await s.visit(t, `${site.url}/?q=${encodeURIComponent(EVIL)}`);
		await ready(page);
		await page.evaluate((name) => window.noren?.('identify', 'u-1', { name }), EVIL);
		await page.evaluate((word) => window.noren?.('track', 'search', { search_term: word }), EVIL);
		await page.waitFor(() => document.querySelector('noren-widget')?.shadowRoot?.textContent?.includes('Hello '), [], {
			what: 'the widget',
		});
		const [widget] = await inWidgets(page);
		assert.ok(widget);
		assert.ok(widget.text.includes(EVIL.slice(0, 100)), 'the title, letter by letter');
		assert.ok(widget.text.includes(`Hello ${EVIL} ${EVIL}`), `the visitor's name and the body: ${widget.text}`);
		assert.equal(widget.strangers, 0);
		assert.ok(
			widget.links.every((link) => /^https?:/.test(link)),
			JSON.stringify(widget.links),
		);
		await unharmed(page);
	});
}

test('an address that is a script is refused with its place, in a link and in a picture', async () => {
	const action = (more: object) => ({
		...campaign('link'),
		variants: [{ id: 'a', weight: 100, action: { kind: 'popup', title: 'x', ...more } }],
	});
	const documents = [
		action({ buttons: [{ label: 'x', action: 'link', url: SCRIPT_URL }] }),
		action({ image: { src: SCRIPT_URL, alt: 'x', width: 1, height: 1 } }),
	];
	const wanted = ['/variants/0/action/buttons/0/url', '/variants/0/action/image/src'];
	for (const [index, document] of documents.entries()) {
		const answer = await s.edge.admin.request('PUT', 'sites/demo/campaigns', { campaigns: [document], replace: true });
		assert.equal(answer.status, 422);
		const errors = answer.body.findings.filter(({ level }: { level: string }) => level === 'error');
		assert.deepEqual(
			errors.map(({ code, path }: { code: string; path: string }) => [code, path]),
			[['url_invalid', wanted[index]]],
		);
	}
});

test('the console shows hostile campaigns, pages and messages as words', async (t) => {
	const name = EVIL.slice(0, 100);
	const rule = campaign('evil', {
		name: { en: name, ja: name },
		trigger: { on: EVIL.slice(0, 60), where: { 'event.search_term': EVIL } },
		audience: { 'traits.name': EVIL },
		variants: [{ id: 'a', weight: 100, action: { ...fields('popup') } }],
	});
	await s.edge.admin.publish([rule]);
	const console = await signIn(s.edge, s.session);
	const text = () => console.evaluate(() => document.querySelector('main')?.textContent ?? '');
	await until('the campaign in the list', async () => (await text()).includes(name));
	await goTo(console, 'campaigns/evil');
	await until('the sentence', async () => (await text()).includes(EVIL.slice(0, 60)));

	const device = newDevice();
	const at = Date.now();
	const props = { page_location: `${s.edge.url}/${EVIL}`, page_path: `/${EVIL}`, page_title: EVIL };
	await goTo(console, 'live');
	await until('a visitor in the list', async () => {
		await sync(s.edge.url, device, [
			{
				id: newStream(),
				from: 0,
				done: false,
				events: [
					{ n: 0, at, name: 'page_view', props },
					{ n: 1, at, name: EVIL.slice(0, 90), props: { [EVIL.slice(0, 90)]: EVIL } },
				],
			},
		]);
		return (await text()).includes(EVIL);
	});

	const chat = new WebSocket(`${s.edge.url.replace('http', 'ws')}/noren/v1/chat?site=demo&device=${device.device}`, {
		protocols: ['noren.1', device.key],
		headers: { Origin: s.edge.url },
	} as unknown as string[]);
	t.after(() => chat.close());
	await new Promise((open) => chat.addEventListener('open', open, { once: true }));
	chat.send(JSON.stringify({ t: 'say', cid: 'one', text: EVIL }));
	await goTo(console, 'chat');
	await console.waitFor(() => document.querySelector('a.conversation') !== null, [], { what: 'the conversation' });
	await console.click('a.conversation');
	await until('the message', async () => (await text()).includes(EVIL));
	await goTo(console, 'versions');
	await goTo(console, 'audit');
	await goTo(console, 'numbers');
	assert.equal(
		await console.evaluate(() => document.querySelectorAll('main script, main img[src=x], main iframe').length),
		0,
	);
	await unharmed(console);
});
