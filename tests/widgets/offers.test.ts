/** Countdown, messages in the page, recommendations, counts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Content } from '../../js/shared/widget.ts';
import { COUNTDOWN, ITEMS, MESSAGE, PROOF } from './content.ts';
import { openStage, type Kind, type Scene, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

/** What `mount` threw. */
async function refused(kind: Kind, content: Omit<Content, 'kind'>, options = {}): Promise<string> {
	const scene = await stage.scene();
	const why = await scene.page.evaluate(
		(...args) => window.harness.show(...args).then(String, (error: unknown) => String(error)),
		kind,
		content,
		options,
	);
	assert.deepEqual(await scene.calls(), []);
	await scene.close();
	return why;
}

const label = (scene: Scene): Promise<string> =>
	scene.ask((harness) => harness.find('[role=timer]')?.getAttribute('aria-label') ?? '');

test('a visitor’s own deadline is kept and does not start over', async () => {
	const scene = await stage.scene();
	await scene.show('countdown', COUNTDOWN);
	assert.equal(await label(scene), '1 hour 30 minutes left');
	assert.ok((await scene.accessible()).some((node) => node.startsWith('timer ')));
	const [[name, kept] = []] = await scene.ask((harness) => [...harness.memory]);
	assert.equal(name, 't.delivery');
	await scene.close();

	const later = await stage.scene();
	const soon = String(Number(kept) - 60 * 60_000);
	await later.show('countdown', COUNTDOWN, { memory: { 't.delivery': soon }, language: 'ja' });
	assert.match(await label(later), /^残り\s?(30|29)\s?分/);
	await later.close();
});

test('a countdown that would tell an untruth is not shown', async () => {
	assert.match(await refused('countdown', COUNTDOWN, { memory: { 't.delivery': '1000' } }), /over/);
	assert.match(await refused('countdown', COUNTDOWN, { forgets: true }), /kept/);
	const past = { ...COUNTDOWN, countdown: { until: '2020-01-01T00:00Z' } };
	assert.match(await refused('countdown', past), /over/);
});

test('the end is said, what led to the offer is gone, and nothing closes by itself', async () => {
	const scene = await stage.scene();
	await scene.page.evaluate(() => {
		// The visitor's clock, and the page's timers with it, as far ahead as the test says.
		const { now } = Date;
		const at = { ahead: 0 };
		Object.assign(window, { at });
		Date.now = () => now() + at.ahead;
	});
	await scene.show('countdown', { ...COUNTDOWN, ended: 'Until tomorrow.' });
	assert.equal(await scene.ask((harness) => harness.find('.b1')?.checkVisibility()), true);
	await scene.page.evaluate(() => ((window as unknown as { at: { ahead: number } }).at.ahead = 91 * 60_000));
	await scene.until((harness) => harness.find('.over')?.textContent === 'Until tomorrow.');
	assert.ok((await scene.accessible()).some((node) => node === 'StaticText "Until tomorrow."'));
	assert.equal(await scene.ask((harness) => harness.find('.b1')?.checkVisibility()), false);
	assert.deepEqual(await scene.calls(), ['painted']);
	await scene.close();
});

test('a message stands in the room that the page keeps, and nothing moves', async () => {
	for (const [kind, content] of [
		['inline', MESSAGE],
		['recommend', { ...ITEMS, position: 'slot' }],
		['proof', { ...PROOF, position: 'slot' }],
	] as const) {
		const scene = await stage.scene({ viewport: { width: 1280, height: 1400 } });
		const place = (): Promise<string> =>
			scene.page.$$eval('h1, h2, main > p, #kept', (all) =>
				JSON.stringify(all.map((one) => one.getBoundingClientRect())),
			);
		const before = await place();
		await scene.show(kind, { ...content, slot: { at: '#kept', height: 260 } });
		assert.equal(await place(), before, kind);
		const [inside, height] = await scene.ask((harness) => [
			harness.root?.host.parentElement?.id,
			(harness.root?.host as HTMLElement).getBoundingClientRect().height,
		]);
		assert.deepEqual([inside, height], ['kept', 260], kind);
		await (await scene.find('.x')).click();
		await scene.until((harness) => !harness.root);
		assert.equal(await place(), before, kind);
		assert.equal((await scene.calls()).at(-1), 'closed button');
		await scene.close();
	}
});

test('where the page keeps no room a message waits until its place is out of sight', async () => {
	const scene = await stage.scene({ viewport: { width: 1280, height: 1000 } });
	await scene.page.evaluate(
		(...args) => window.harness.show(...args),
		'inline',
		{ ...MESSAGE, slot: { at: '#narrow', height: 120 } },
		{},
	);
	const frames = (): Promise<unknown> =>
		scene.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	await frames();
	assert.deepEqual(await scene.calls(), [], 'in sight: nothing is pushed away');
	await scene.page.setViewport({ width: 1280, height: 300 });
	await scene.until(({ calls }) => calls.some(([name]) => name === 'painted'));
	assert.equal(await scene.ask((harness) => harness.root?.host.parentElement?.id), 'narrow');
	await scene.close();

	const gone = await stage.scene({ viewport: { width: 1280, height: 1000 } });
	await gone.page.evaluate(
		(...args) => window.harness.show(...args),
		'inline',
		{ ...MESSAGE, slot: { at: '#narrow', height: 120 } },
		{},
	);
	await gone.ask(({ handle }) => handle?.close('retracted'));
	await gone.ask(({ handle }) => handle?.close('shutdown'));
	assert.deepEqual(await gone.calls(), ['closed retracted'], 'it can be called off while it waits, once');
	await gone.close();
});

test('without its place, its items or its number nothing is shown', async () => {
	assert.match(await refused('inline', { ...MESSAGE, slot: { at: '#nowhere', height: 90 } }), /no place #nowhere/);
	assert.match(await refused('recommend', { title: 'x', from: '#nowhere' }), /no items/);
	assert.match(await refused('proof', { ...PROOF, count: { from: '#sold', minimum: 1235 } }), /too few/);
	assert.match(await refused('proof', { ...PROOF, count: { from: '#nowhere', minimum: 1 } }), /too few/);
});

test('the page’s own list is shown as text, and what is followed is told', async () => {
	const scene = await stage.scene();
	await scene.show('recommend', { title: 'For you', from: '#list' });
	const tree = await scene.accessible();
	const links = tree.filter((node) => node.startsWith('link ') && !/Tea|Cups/.test(node));
	assert.deepEqual(links, ['link "Kyusu ¥4,800"', 'link "<b>Tray</b> Cherry wood"']);
	assert.ok(tree.some((node) => node.startsWith('list ')));
	await scene.page.evaluate(() => addEventListener('click', (event) => event.preventDefault()));
	await (await scene.find('li:nth-child(2) a')).click();
	assert.deepEqual(await scene.calls(), ['painted', 'clicked item:1']);
	await scene.close();
});

test('a count is the page’s own, written as the language writes it', async () => {
	const scene = await stage.scene();
	await scene.show('proof', { ...PROOF, count: { from: '#sold', minimum: 1234 } }, { language: 'ja' });
	assert.ok((await scene.accessible()).includes('region "今週1,234個売れました"'));
	await scene.close();
});
