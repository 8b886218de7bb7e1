import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { COUPON_TEXT, HOSTILE, MESSAGE } from './content.ts';
import { openStage, type Scene, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

/** A page whose search field has the focus, with a pop-up over it. */
async function popup(content = MESSAGE, options = {}): Promise<Scene> {
	const scene = await stage.scene();
	await scene.page.focus('#before');
	await scene.show('popup', content, options);
	return scene;
}

test('a pop-up is a modal dialog with a name and a description, and holds the focus', async () => {
	const scene = await popup();
	const tree = await scene.accessible();
	assert.ok(tree.includes('dialog "Still looking?"'), tree.join('\n'));
	for (const node of [
		'heading "Still looking?"',
		'image "Tea fields"',
		'link "Choose with us"',
		'button "Close"',
		'button "No, thank you"',
	]) {
		assert.ok(tree.includes(node), `${node} in ${tree.join('\n')}`);
	}
	assert.ok(!tree.includes('textbox "Search"'), 'the page behind is out of reach');
	assert.equal(await scene.ask((harness) => harness.find('dialog')?.matches(':modal')), true);

	assert.match(await scene.focused(), /^DIALOG/);
	const reached = [];
	for (let step = 0; step < 8; step++) {
		await scene.page.keyboard.press('Tab');
		reached.push(await scene.focused());
	}
	assert.ok(reached.some((name) => name.startsWith('BUTTON Close')));
	assert.ok(reached.some((name) => name.startsWith('A Choose')));
	// BODY stands for the browser's own buttons, which come in turn.
	const strangers = reached.filter((name) => !/^(BUTTON Close|A Choose|BUTTON No|DIALOG|BODY)/.test(name));
	assert.deepEqual(strangers, []);
	await scene.close();
});

test('Enter and space right after it came press nothing', async () => {
	const scene = await popup();
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.press('Space');
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.close();
});

test('Escape closes, gives the focus back and reports once', async () => {
	const scene = await popup();
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.match(await scene.focused(), /#before/);
	await scene.page.keyboard.press('Escape');
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	await scene.close();
});

test('the cross, the closing button, the backdrop and the agent each close with their own reason', async () => {
	const ways: [string, (scene: Scene) => Promise<unknown>][] = [
		['button', async (scene) => (await scene.find('button.x')).click()],
		['button', async (scene) => (await scene.find('.acts button')).click()],
		['backdrop', (scene) => scene.page.mouse.click(10, 400)],
		['retracted', (scene) => scene.ask(({ handle }) => handle?.close('retracted'))],
		['shutdown', (scene) => scene.ask(({ handle }) => (handle?.close('shutdown'), handle?.close('escape')))],
	];
	for (const [reason, close] of ways) {
		const scene = await popup();
		await close(scene);
		await scene.until((harness) => !harness.root);
		assert.deepEqual(await scene.calls(), ['painted', `closed ${reason}`]);
		assert.match(await scene.focused(), /#before/, reason);
		await scene.close();
	}
});

test('a selection that ends on the backdrop does not close', async () => {
	const scene = await popup();
	const box = await (await scene.find('h2')).boundingBox();
	assert.ok(box);
	await scene.page.mouse.move(box.x + 5, box.y + 5);
	await scene.page.mouse.down();
	await scene.page.mouse.move(10, 400, { steps: 4 });
	await scene.page.mouse.up();
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.close();
});

test('a link is followed in the same tab, and reported', async () => {
	const scene = await popup();
	await (await scene.find('a.b1')).click();
	await scene.page.waitForFunction(() => location.hash === '#tea');
	assert.deepEqual(await scene.calls(), ['painted', 'clicked link:0', 'closed link']);
	await scene.close();
});

test('a chat button closes first and then asks for the chat', async () => {
	const scene = await popup({ title: 'Help?', buttons: [{ label: 'Chat', action: 'chat' }] });
	await (await scene.find('.acts button')).click();
	assert.deepEqual(await scene.calls(), ['painted', 'clicked chat:0', 'closed button', 'openChat']);
	await scene.close();
});

test('links that are not for the web are left out, and so is such a picture', async () => {
	const scene = await popup({
		title: 'x',
		image: { src: 'javascript:alert(1)', alt: 'bad', width: 10, height: 10 },
		buttons: [
			{ label: 'bad', action: 'link', url: 'javascript:document.title="broken"' },
			{ label: 'worse', action: 'link', url: ' jAvA\nscript:alert(1)' },
			{ label: 'none', action: 'link' },
			{ label: 'good', action: 'link', url: '/cart/' },
		],
	});
	const seen = await scene.ask((harness) =>
		[...(harness.root?.querySelectorAll('a,img') ?? [])].map(
			(element) => element.getAttribute('href') ?? element.outerHTML,
		),
	);
	assert.deepEqual(seen, [new URL('/cart/', scene.page.url()).href]);
	await scene.close();
});

test('hostile text shows as text, under a policy that forbids anything inline', async () => {
	for (const kind of ['popup', 'slide', 'bar', 'chat', 'coupon'] as const) {
		const scene = await stage.scene();
		await scene.show(
			kind,
			{
				title: HOSTILE,
				body: HOSTILE,
				image: { src: '/picture.svg', alt: HOSTILE, width: 64, height: 28 },
				buttons: [{ label: HOSTILE, action: 'close' }],
				theme: { accent: 'red;}*{display:none', background: HOSTILE, text: 'url(//evil.example)', radius: 1e9 },
			},
			{ traits: { name: '<u>Aoi</u>' }, coupons: [{ ok: true, code: HOSTILE }] },
		);
		if (kind === 'coupon') await scene.until((harness) => harness.find('.code'));
		const result = await scene.ask((harness) => ({
			text: harness.root?.textContent ?? '',
			strangers: harness.root?.querySelectorAll('script,i,u,b,img[src="x"],[style*="evil"]').length,
			violations: harness.violations,
			errors: harness.errors,
			title: document.title,
		}));
		assert.ok(result.text.includes(`<img src=x onerror="document.title='broken'">`), kind);
		assert.ok(result.text.includes('<u>Aoi</u>'), kind);
		if (kind === 'coupon') assert.ok(result.text.includes('{{traits.name|'), 'a code is nobody’s template');
		assert.equal(result.strangers, 0, kind);
		assert.deepEqual(result.violations, [], kind);
		assert.deepEqual(result.errors, [], kind);
		assert.equal(result.title, 'A page with a widget');
		await scene.close();
	}
});

test('a dialog without any text still has a name, in the visitor’s language', async () => {
	const scene = await popup({}, { language: 'ja' });
	const tree = await scene.accessible();
	assert.ok(tree.includes('dialog "このサイトからのお知らせ"'), tree.join('\n'));
	assert.ok(tree.includes('button "閉じる"'));
	await scene.close();
});

test('language and direction are set on the wrapper', async () => {
	const arabic = { ...MESSAGE, title: { ar: 'هل ما زلت تبحث؟', en: 'Still looking?' } };
	for (const [content, asked, language, direction] of [
		[MESSAGE, 'ja', 'ja', 'ltr'],
		[arabic, 'ar', 'ar', 'rtl'],
		[{ title: 'the same in all' }, 'ar', 'ar', 'rtl'],
		// What is said in English is read as English.
		[MESSAGE, 'ar', 'en', 'ltr'],
	] as const) {
		const scene = await popup(content, { language: asked });
		const seen = await scene.ask((harness) => {
			const wrapper = harness.find('.n');
			return [wrapper?.lang, wrapper?.dir];
		});
		assert.deepEqual(seen, [language, direction]);
		await scene.close();
	}
});

test('a close request of a composition is ignored, in the order of each engine', async () => {
	const scene = await popup();
	const cancelAfter = (events: string): Promise<boolean> =>
		scene.ask((harness, list) => {
			const dialog = harness.find('dialog');
			for (const type of list.split(' ').filter(Boolean)) {
				const event = type.startsWith('key')
					? new KeyboardEvent(type, { key: 'Escape', keyCode: 229, bubbles: true } as KeyboardEventInit)
					: new CompositionEvent(type, { bubbles: true });
				dialog?.dispatchEvent(event);
			}
			const cancel = new Event('cancel', { cancelable: true });
			dialog?.dispatchEvent(cancel);
			return harness.root !== undefined;
		}, events);
	assert.equal(await cancelAfter('compositionstart keydown'), true);
	assert.equal(await cancelAfter('compositionend'), true);
	assert.equal(await cancelAfter('keyup compositionstart compositionend keydown'), true, 'Safari');
	assert.deepEqual(await scene.calls(), ['painted']);
	assert.equal(await cancelAfter('keyup'), false);
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	await scene.close();
});

test('a coupon in the middle is a modal as well', async () => {
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: ['wait'] });
	assert.ok((await scene.accessible()).includes('dialog "For you"'));
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	await scene.close();
});

test('nothing of the page hears the keys that are pressed in a widget, and nothing stays when it has gone', async () => {
	const scene = await popup();
	await scene.page.evaluate(() => {
		document.addEventListener('keydown', (event) => window.harness.calls.push(['page heard', event.key]));
	});
	await scene.page.keyboard.press('s');
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	await scene.page.keyboard.press('s');
	assert.deepEqual((await scene.calls()).at(-1), 'page heard s');
	await scene.close();
});
