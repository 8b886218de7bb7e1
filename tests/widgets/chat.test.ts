import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ShowOptions } from './harness.ts';
import { openStage, type Scene, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

const CHAT = {
	title: { en: 'Questions?', ja: 'ご質問はありませんか?' },
	body: { en: 'We answer here.', ja: 'こちらでお答えします。' },
};

/** A page with the panel open and connected, the focus in its field. */
async function panel(options: ShowOptions = { asked: true }): Promise<Scene> {
	const scene = await stage.scene();
	await scene.page.focus('#before');
	await scene.show('chat', CHAT, options);
	await scene.until(({ edge }) => edge.connected === 1);
	return scene;
}

const fieldText = (scene: Scene): Promise<string> =>
	scene.ask((harness) => (harness.find('textarea') as HTMLTextAreaElement | null)?.value ?? 'no field');
const network = (scene: Scene, offline: boolean): Promise<unknown> =>
	scene.cdp.send('Network.emulateNetworkConditions', {
		offline,
		latency: 0,
		downloadThroughput: -1,
		uploadThroughput: -1,
	});
const bubbles = (scene: Scene): Promise<string[]> =>
	scene.ask((harness) =>
		[...(harness.root?.querySelectorAll<HTMLElement>('.say') ?? [])].map((bubble) => bubble.innerText),
	);

test('the invitation opens the panel by keyboard, and no socket before', async () => {
	const scene = await stage.scene();
	await scene.show('chat', CHAT);
	assert.equal(await scene.ask(({ edge }) => edge.connections), 0);
	await (await scene.find('.acts button')).focus();
	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.connected === 1);
	assert.match(await scene.focused(), /^TEXTAREA Your message/);
	const tree = await scene.accessible();
	for (const node of [
		'dialog "Questions?"',
		'log "Messages"',
		'textbox "Your message"',
		'button "Send"',
		'button "Minimise"',
		'button "Close"',
	]) {
		assert.ok(tree.includes(node), `${node}\n${tree.join('\n')}`);
	}
	assert.deepEqual(await scene.calls(), ['painted', 'clicked chat:0']);
	await scene.close();
});

test('Enter sends, Shift and Enter break the line, the field grows and shrinks', async () => {
	const scene = await panel();
	const height = (): Promise<number> => scene.ask((harness) => harness.find('textarea')?.offsetHeight ?? 0);
	const small = await height();
	await scene.page.keyboard.type('first line');
	await scene.page.keyboard.down('Shift');
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.up('Shift');
	await scene.page.keyboard.type('third line');
	assert.ok((await height()) > small + 20, 'it grew');
	assert.equal(await scene.ask(({ edge }) => edge.stored.length), 0);
	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.stored.length === 1);
	assert.equal(await scene.ask(({ edge }) => edge.stored[0]?.text), 'first line\n\nthird line');
	assert.equal(await fieldText(scene), '');
	assert.equal(await height(), small);
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.type('   ');
	await scene.page.keyboard.press('Enter');
	await (await scene.find('.write button')).click();
	assert.equal(await scene.ask(({ edge }) => edge.stored.length), 1, 'nothing empty is sent');
	assert.match(await scene.focused(), /^TEXTAREA/);
	await scene.close();
});

test('Enter and Escape of a Japanese composition neither send nor close', async () => {
	const scene = await panel({ asked: true, language: 'ja' });
	const compose = (text: string): Promise<unknown> =>
		scene.cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
	// The keys as the engine sends them while an input method is at work: code 229.
	const key = async (name: string): Promise<void> => {
		for (const type of ['rawKeyDown', 'keyUp'] as const) {
			await scene.cdp.send('Input.dispatchKeyEvent', { type, key: name, code: name, windowsVirtualKeyCode: 229 });
		}
	};
	await compose('せんちゃ');
	assert.equal(await fieldText(scene), 'せんちゃ');
	await key('Enter');
	await key('Escape');
	assert.equal(await scene.ask(({ edge }) => edge.stored.length), 0);
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.cdp.send('Input.insertText', { text: '煎茶' });
	assert.equal(await fieldText(scene), '煎茶');

	// Safari's order: the composition has ended when its key arrives.
	await scene.ask((harness) => {
		const field = harness.find('textarea');
		for (const name of ['Enter', 'Escape']) {
			field?.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
			field?.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
			const options = { key: name, keyCode: 229, bubbles: true, cancelable: true };
			field?.dispatchEvent(new KeyboardEvent('keydown', options));
			field?.dispatchEvent(new KeyboardEvent('keyup', options));
		}
	});
	assert.equal(await scene.ask(({ edge }) => edge.stored.length), 0);
	assert.deepEqual(await scene.calls(), ['painted']);

	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.stored.length === 1);
	assert.equal(await scene.ask(({ edge }) => edge.stored[0]?.text), '煎茶');
	await scene.close();
});

test('history, answers and typing show; a message of one’s own turns from sending to its time', async () => {
	const scene = await stage.scene();
	await scene.ask(({ edge }) => edge.operatorSays('from before'));
	await scene.show('chat', CHAT, { asked: true });
	await scene.until((harness) => harness.find('.say'));
	await scene.page.keyboard.type('hello');
	await scene.ask(({ edge }) => (edge.acknowledges = false));
	await scene.page.keyboard.press('Enter');
	await scene.until((harness) => harness.find('.me .meta')?.textContent === 'Sending…');
	await scene.ask(({ edge }) => edge.send({ t: 'ack', cid: edge.stored[1]?.cid, seq: 2 }));
	await scene.until((harness) => /^\d/.test(harness.find('.me .meta')?.textContent ?? ''));
	await scene.ask(({ edge }) => edge.send({ t: 'typing', who: 'operator' }));
	await scene.until((harness) => harness.find('.live')?.textContent === 'Hana is typing…');
	await scene.ask(({ edge }) => edge.operatorSays('<b>Welcome</b> https://shop.example/sencha'));
	await scene.until((harness) => harness.root?.querySelectorAll('.say').length === 3);
	assert.equal(await scene.ask((harness) => harness.find('.live')?.textContent), '');
	assert.deepEqual(await bubbles(scene), ['from before', 'hello', '<b>Welcome</b> https://shop.example/sencha']);
	const link = await scene.ask((harness) => {
		const { href, rel } = harness.find('.say a') as HTMLAnchorElement;
		return [href, rel];
	});
	assert.deepEqual(link, ['https://shop.example/sencha', 'noopener noreferrer']);
	assert.ok(await scene.ask(({ edge }) => edge.heard.some(({ t }) => t === 'typing')), 'the edge hears that we type');
	assert.ok(await scene.ask(({ edge }) => edge.heard.some(({ t, seq }) => t === 'read' && seq === 3)));
	await scene.close();
});

test('a message said while the line is broken is stored once, though it is said again', async () => {
	const scene = await panel();
	await scene.ask(({ edge }) => (edge.acknowledges = false));
	await scene.page.keyboard.type('once');
	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.stored.length === 1);
	await scene.ask(({ edge }) => edge.cut(true));
	await scene.until((harness) => harness.find('.state')?.textContent?.startsWith('Connection lost'));
	await scene.page.keyboard.type('twice?');
	await scene.page.keyboard.press('Enter');
	await scene.until((harness) => harness.find('.me:last-child .meta')?.textContent === 'Waiting for the connection');
	await scene.ask(({ edge }) => {
		edge.up = true;
		edge.acknowledges = true;
		dispatchEvent(new Event('online'));
	});
	await scene.until(({ edge }) => edge.stored.length === 2);
	await scene.until((harness) => harness.find('.state')?.textContent === 'Online');
	assert.deepEqual(await bubbles(scene), ['once', 'twice?']);
	assert.deepEqual(await scene.ask(({ edge }) => edge.stored.map(({ text }) => text)), ['once', 'twice?']);
	assert.equal(await scene.ask(({ memory }) => memory.get('chat.pending')), '');
	await scene.close();
});

test('what was not sent, and what was half written, survive a reload', async () => {
	const scene = await panel();
	await scene.ask(({ edge }) => edge.cut(true));
	await scene.page.keyboard.type('not lost');
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.type('half');
	const kept = await scene.ask(({ memory }) => JSON.stringify(Object.fromEntries(memory)));
	await scene.page.reload();
	await scene.page.waitForFunction(() => 'harness' in window);
	await scene.show('chat', CHAT, { memory: JSON.parse(kept) as Record<string, string> });
	await scene.until(({ edge }) => edge.stored.length === 1);
	assert.deepEqual(await bubbles(scene), ['not lost']);
	assert.equal(await fieldText(scene), 'half');
	assert.match(await scene.focused(), /^BODY/, 'a panel that comes back by itself takes no focus');
	await scene.close();
});

test('minimised it counts what is unseen, says so, and is read when opened again', async () => {
	const scene = await panel();
	await scene.page.keyboard.type('hello');
	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.stored.length === 1);
	await scene.page.keyboard.press('Escape');
	assert.match(await scene.focused(), /^BUTTON Open the chat/);
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.ask(({ edge }) => (edge.operatorSays('one'), edge.operatorSays('two')));
	await scene.until((harness) => harness.find('.count')?.textContent === '2');
	assert.ok((await scene.accessible()).includes('button "Open the chat, 2 unread"'));
	assert.equal(await scene.ask((harness) => harness.find('.n > [role=status]')?.textContent), 'New message from Hana');
	assert.ok(!(await scene.ask(({ edge }) => edge.heard.some(({ t }) => t === 'read'))));
	await scene.page.keyboard.press('Enter');
	await scene.until(({ edge }) => edge.heard.some(({ t, seq }) => t === 'read' && seq === 3));
	assert.match(await scene.focused(), /^TEXTAREA/);
	await scene.page.keyboard.press('Escape');
	assert.equal(await scene.ask((harness) => harness.find('.count')?.hidden), true);
	await scene.close();
});

test('Escape closes a panel in which nothing was said, and the focus goes back', async () => {
	const scene = await panel();
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.match(await scene.focused(), /#before/);
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	assert.equal(await scene.ask(({ memory }) => memory.get('chat')), '');
	await scene.until(({ edge }) => edge.connected === 0);
	await scene.close();
});

test('it is busy from the first word in the field, and while a conversation is under way', async () => {
	const scene = await stage.scene();
	const busy = (): Promise<unknown> => scene.ask(({ handle }) => handle?.busy());
	await scene.show('chat', CHAT);
	assert.equal(await busy(), false);
	await (await scene.find('.acts button')).click();
	assert.equal(await busy(), true, 'focus in the field');
	await scene.page.focus('#before');
	assert.equal(await busy(), false);
	await (await scene.find('textarea')).type('words');
	await scene.page.focus('#before');
	assert.equal(await busy(), true, 'words in the field');
	await (await scene.find('.write button')).click();
	await scene.until(({ edge }) => edge.stored.length === 1);
	await scene.page.focus('#before');
	assert.equal(await busy(), true, 'a conversation');
	await scene.close();
});

test('nobody there, no network, and a hidden page are each said or done in their way', async () => {
	const scene = await stage.scene();
	await scene.ask(({ edge }) => (edge.staffed = false));
	await scene.show('chat', CHAT, { asked: true, language: 'ja' });
	await scene.until((harness) => harness.find('.state')?.textContent?.startsWith('ただいま受付時間外です'));
	await network(scene, true);
	await scene.ask(({ edge }) => edge.cut(true));
	await scene.until((harness) => harness.find('.state')?.textContent?.startsWith('オフラインです'));
	await network(scene, false);
	await scene.ask(({ edge }) => (edge.up = true));
	await scene.until(({ edge }) => edge.connected === 1);
	await scene.ask(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
	assert.equal(await scene.ask(({ edge }) => edge.connected), 0, 'no socket on a page that is put away');
	await scene.ask(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
	await scene.until(({ edge }) => edge.connected === 1);
	await scene.close();
});

test('who reads further up is not torn away, and is told of news', async () => {
	const scene = await stage.scene();
	await scene.ask(({ edge }) => {
		for (let n = 1; n <= 30; n++) edge.operatorSays(`message ${n}`);
	});
	await scene.show('chat', CHAT, { asked: true });
	await scene.until((harness) => harness.root?.querySelectorAll('.say').length === 30);
	await scene.until((harness) => (harness.find('.log')?.scrollTop ?? 0) > 100);
	await scene.ask((harness) => harness.find('.log')?.scrollTo(0, 0));
	await scene.ask(({ edge }) => edge.operatorSays('news'));
	await scene.until((harness) => harness.find('.newer')?.hidden === false);
	assert.equal(await scene.ask((harness) => harness.find('.log')?.scrollTop), 0);
	await (await scene.find('.newer')).click();
	await scene.until(
		(harness) => (harness.find('.log')?.scrollTop ?? 0) > 100 && harness.find('.newer')?.hidden === true,
	);
	await scene.close();
});
