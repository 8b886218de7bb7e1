import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { COUNTDOWN, COUPON, COUPON_TEXT, ITEMS, MESSAGE, SURVEY } from './content.ts';
import { openStage, type Kind, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

const OVERLAYS: readonly [Kind, object, object][] = [
	['bar', MESSAGE, {}],
	['bar', { ...MESSAGE, position: 'bottom' }, {}],
	['slide', MESSAGE, {}],
	['chat', MESSAGE, {}],
	['survey', { ...SURVEY, title: 'Still looking?' }, {}],
	['countdown', { ...COUNTDOWN, title: 'Still looking?' }, {}],
	['recommend', { ...ITEMS, title: 'Still looking?' }, {}],
	['coupon', { ...COUPON_TEXT, position: 'corner' }, { coupons: [COUPON] }],
];

test('what is not a modal takes no focus, is a named landmark, and is announced once', async () => {
	for (const [kind, content, options] of OVERLAYS) {
		const scene = await stage.scene();
		await scene.page.focus('#before');
		await scene.page.evaluate(() => {
			const seen: string[] = [];
			Object.assign(window, { seen });
			const watch = new MutationObserver((changes) => {
				for (const { target, addedNodes } of changes) {
					if (addedNodes.length && (target as Element).getAttribute?.('role') === 'status')
						seen.push(target.textContent ?? '');
				}
			});
			const attach = Element.prototype.attachShadow;
			Element.prototype.attachShadow = function (init) {
				const root = attach.call(this, init);
				watch.observe(root, { childList: true, subtree: true });
				return root;
			};
		});
		await scene.show(kind, content, options);
		assert.match(await scene.focused(), /#before/, kind);
		await scene.page.keyboard.type('sencha');
		assert.equal(await scene.page.$eval('#before', (field) => (field as HTMLInputElement).value), 'sencha');
		const name = kind === 'coupon' ? 'For you' : 'Still looking?';
		await scene.until(
			(_, wanted) => (window as unknown as { seen: string[] }).seen.some((text) => text.includes(wanted)),
			name,
		);
		const said = await scene.page.evaluate(() => (window as unknown as { seen: string[] }).seen);
		assert.equal(said.filter((text) => text.includes(name)).length, 1, said.join(' | '));
		const tree = await scene.accessible();
		assert.ok(tree.includes(`region "${name}"`), `${kind}\n${tree.join('\n')}`);
		assert.ok(tree.includes('textbox "Search"'), 'the page stays in reach');
		await scene.close();
	}
});

test('Escape is the page’s while the focus is outside, and closes from inside', async () => {
	const scene = await stage.scene();
	await scene.page.focus('#before');
	await scene.show('bar', MESSAGE);
	await scene.page.keyboard.press('Escape');
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.page.focus('#after');
	await scene.page.keyboard.down('Shift');
	await scene.page.keyboard.up('Shift');
	// From the last element of the page, Tab walks into the widget.
	await scene.page.keyboard.press('Tab');
	assert.match(await scene.focused(), /Close/);
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.match(await scene.focused(), /#after/);
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	await scene.close();
});

test('the page does not move by a pixel, while a widget comes, fills and goes', async () => {
	const all: readonly [Kind, object, object][] = [
		...OVERLAYS,
		['popup', MESSAGE, {}],
		['coupon', COUPON_TEXT, { coupons: ['wait'] }],
	];
	for (const [kind, content, options] of all) {
		const scene = await stage.scene({ stillness: true });
		const frames = (): Promise<unknown> =>
			scene.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
		const place = (): Promise<string> =>
			scene.page.$$eval('h1, h2, p, input, button', (elements) =>
				JSON.stringify([
					elements.map((element) => element.getBoundingClientRect()),
					document.documentElement.scrollHeight,
				]),
			);
		const before = await place();
		await scene.show(kind, content, options);
		assert.equal(await place(), before, kind);
		if (kind === 'coupon') {
			await scene.ask((harness, answer) => harness.answer(JSON.parse(answer)), JSON.stringify(COUPON));
			await scene.until((harness) => harness.find('.code'));
		}
		await scene.until((harness) => (harness.find('img') as HTMLImageElement | null)?.complete !== false);
		await frames();
		await scene.ask(({ handle }) => handle?.close('retracted'));
		assert.equal(await place(), before, kind);
		await frames();
		// Shifts are told late and in order: one that we make ourselves shows that all before it have been told.
		const from = await scene.ask(() => {
			document.body.prepend('a shift');
			return performance.now();
		});
		await scene.until(({ shifts }, start) => shifts.some((at) => at >= Number(start)), String(from));
		assert.deepEqual(
			await scene.ask(({ shifts }, start) => shifts.filter((at) => at < Number(start)), String(from)),
			[],
			kind,
		);
		await scene.close();
	}
});

test('a page’s own style sheet neither moves, shrinks nor colours a widget', async () => {
	const scene = await stage.scene();
	await scene.show('slide', MESSAGE);
	const seen = await scene.ask((harness) => {
		const host = getComputedStyle(harness.root?.host as Element);
		const button = getComputedStyle(harness.find('.b1') as Element);
		const card = harness.find('.card')?.getBoundingClientRect();
		return {
			host: [host.position, host.transform, host.padding],
			size: getComputedStyle(harness.find('.n') as Element).fontSize,
			button: [button.textTransform, button.backgroundColor, button.letterSpacing],
			right: innerWidth - (card?.right ?? 0),
		};
	});
	assert.deepEqual(seen.host, ['fixed', 'none', '0px']);
	assert.equal(seen.size, '16px', 'a root of 62.5 % does not shrink the type');
	assert.deepEqual(seen.button, ['none', 'rgb(43, 58, 103)', 'normal']);
	assert.ok(Math.abs(seen.right - 16) < 2, String(seen.right));
	await scene.close();
});
