/** The site's own HTML, in its frame. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Frame } from 'puppeteer-core';
import { openStage, type Scene, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

const OWN = {
	title: 'Our spring sale',
	height: 40,
	html: '<div style="height:300px"><h2 style="margin:0">Spring</h2><a id="go" href="#spring">To the sale</a> <button data-noren="close">No</button></div>',
};

/** The frame inside of the widget, once its own lines have run. */
async function inside(scene: Scene): Promise<Frame> {
	await scene.until((harness) => (harness.find('iframe') as HTMLElement | null)?.style.height === '300px');
	const frame = scene.page.frames().find((one) => one !== scene.page.mainFrame());
	if (!frame) throw new Error('no frame');
	return frame;
}

test('it has no origin, reads nothing of the page, and is as high as what is in it', async () => {
	const scene = await stage.scene({ frames: true });
	await scene.page.evaluate(() => localStorage.setItem('secret', 'x'));
	await scene.show('html', OWN);
	const frame = await inside(scene);
	const [sandbox, title] = await scene.ask((harness) => {
		const found = harness.find('iframe') as HTMLIFrameElement;
		return [found.getAttribute('sandbox'), found.title];
	});
	assert.deepEqual([sandbox, title], ['allow-scripts', 'Our spring sale']);
	const reach = await frame.evaluate(() => {
		const tries: Record<string, () => unknown> = {
			origin: () => self.origin,
			storage: () => localStorage.getItem('secret'),
			cookie: () => document.cookie,
			page: () => parent.document.title,
		};
		return Object.entries(tries).map(([name, look]) => {
			try {
				return `${name} ${String(look())}`;
			} catch (error) {
				return `${name} ${(error as Error).name}`;
			}
		});
	});
	assert.deepEqual(reach, ['origin null', 'storage SecurityError', 'cookie SecurityError', 'page SecurityError']);
	const fetched = await frame.evaluate(() =>
		fetch('https://elsewhere.example/').then(String, (error: Error) => error.name),
	);
	assert.equal(fetched, 'TypeError', 'nothing goes out');
	assert.ok((await scene.accessible()).includes('dialog "Our spring sale"'));
	await scene.close();
});

test('its links are followed by the page, its close button and Escape close', async () => {
	for (const [press, calls] of [
		['#go', ['painted', 'clicked link:0', 'closed link']],
		['[data-noren=close]', ['painted', 'closed button']],
	] as const) {
		const scene = await stage.scene({ frames: true });
		await scene.page.focus('#before');
		await scene.show('html', OWN);
		const frame = await inside(scene);
		await (await frame.$(press))?.click();
		await scene.until((harness) => !harness.root);
		assert.deepEqual(await scene.calls(), calls);
		if (press === '#go') assert.equal(await scene.page.evaluate(() => location.hash), '#spring');
		else assert.match(await scene.focused(), /#before/);
		await scene.close();
	}
	const scene = await stage.scene({ frames: true });
	await scene.show('html', OWN);
	const frame = await inside(scene);
	await frame.focus('#go');
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.deepEqual(await scene.calls(), ['painted', 'closed escape']);
	await scene.close();
});

test('a link to script goes nowhere, and only its own frame is heard', async () => {
	const scene = await stage.scene({ frames: true });
	await scene.show('html', {
		...OWN,
		html: OWN.html.replace('#spring', "javascript:parent.postMessage({noren:['close']},'*')"),
	});
	const frame = await inside(scene);
	await (await frame.$('#go'))?.click();
	await scene.page.evaluate(() => window.postMessage({ noren: ['close'] }, '*'));
	await scene.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.close();
});

test('a page that allows no markup gets none', async () => {
	const scene = await stage.scene();
	const why = await scene.page.evaluate(
		(content) => window.harness.show('html', content).then(String, (error: unknown) => String(error)),
		OWN,
	);
	assert.match(why, /TypeError/);
	assert.equal(await scene.ask((harness) => harness.find('iframe')), null);
	assert.deepEqual(await scene.calls(), []);
	await scene.close();
});
