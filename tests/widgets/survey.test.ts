import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HOSTILE, SURVEY } from './content.ts';
import { openStage, type Scene, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

/** From the page's own last control into the widget. */
async function walkIn(scene: Scene): Promise<void> {
	await scene.page.focus('#after');
	await scene.page.keyboard.press('Tab');
}

const said = async (scene: Scene): Promise<string[]> => (await scene.calls()).filter((call) => /^answered/.test(call));

test('a survey is answered by the keyboard alone, branches, and sends each answer as it is given', async () => {
	const scene = await stage.scene();
	await scene.show('survey', SURVEY);
	await walkIn(scene);
	const { keyboard } = scene.page;
	await keyboard.press('Tab');
	await keyboard.press('Space');
	for (let i = 0; i < 9; i++) await keyboard.press('ArrowRight');
	const tree = await scene.accessible();
	assert.ok(tree.includes('group "How likely are you to recommend us?"'), tree.join('\n'));
	assert.ok(tree.includes('radio "0, Not at all likely"'), tree.join('\n'));
	assert.ok(tree.includes('radio "10, Extremely likely"'), tree.join('\n'));
	await keyboard.press('Enter');
	// 9 leads past the question of what should be better.
	assert.match(await scene.focused(), /What do you drink/);
	assert.deepEqual(await said(scene), ['answered nps 9']);
	await keyboard.press('Tab');
	await keyboard.press('Space');
	await keyboard.press('Tab');
	await keyboard.press('Space');
	await keyboard.press('Enter');
	assert.match(await scene.focused(), /How was the page/);
	assert.ok((await scene.accessible()).includes('radio "1 star"'));
	// The last one is passed over.
	await keyboard.press('Enter');
	await keyboard.press('Tab');
	await keyboard.press('Tab');
	await keyboard.press('Tab');
	await keyboard.press('Enter');
	assert.match(await scene.focused(), /Thank you, that helps/);
	assert.deepEqual(await said(scene), ['answered nps 9', 'answered taste ["green","black"]']);
	assert.equal((await scene.calls()).filter((call) => call === 'clicked answer').length, 1);
	await keyboard.press('Tab');
	assert.match(await scene.focused(), /Close/);
	await keyboard.press('Enter');
	await scene.until((harness) => !harness.root);
	assert.match(await scene.focused(), /#after/);
	assert.equal((await scene.calls()).at(-1), 'closed button');
	await scene.close();
});

test('what must be answered says so, and is in the focus', async () => {
	const scene = await stage.scene();
	await scene.show('survey', SURVEY);
	await (await scene.find('button[type=submit]')).click();
	assert.ok((await scene.accessible()).includes('alert ""'));
	assert.equal(await scene.ask((harness) => harness.find('#err')?.textContent), 'Please answer this question.');
	assert.equal(await scene.ask((harness) => (harness.root?.activeElement as HTMLInputElement).type), 'radio');
	assert.deepEqual(await said(scene), []);
	await scene.close();
});

test('a survey that is left half-way begins where it was left, and can be taken back', async () => {
	const scene = await stage.scene();
	await scene.show('survey', SURVEY);
	await (await scene.find('input[value="4"]')).click();
	await (await scene.find('button[type=submit]')).click();
	await scene.until((harness) => harness.find('textarea'));
	assert.equal(await scene.ask(({ handle }) => handle?.busy()), true);
	await scene.ask(({ handle }) => handle?.close('escape'));
	const memory = await scene.ask((harness) => [...harness.memory]);
	assert.deepEqual(memory, [['s.visit', '[[0,1],{"nps":4}]']]);
	await scene.close();

	const later = await stage.scene();
	await later.show('survey', SURVEY, { memory: Object.fromEntries(memory), language: 'ja' });
	assert.match((await later.accessible()).join('\n'), /group "改善してほしい点は\?"/);
	await (await later.find('form .b2')).click();
	assert.equal(await later.ask((harness) => (harness.find('input:checked') as HTMLInputElement).value), '4');
	await (await later.find('input[value="10"]')).click();
	await (await later.find('button[type=submit]')).click();
	assert.match(await later.focused(), /よく飲むお茶は/);
	assert.deepEqual(await said(later), ['answered nps 10']);
	await later.close();
});

test('text is sent as it was written, and a line break does not send it', async () => {
	const scene = await stage.scene();
	const question = { name: 'why', type: 'text', ask: HOSTILE } as const;
	await scene.show('survey', { survey: { id: 's', questions: [question] } });
	await (await scene.find('textarea')).click();
	await scene.page.keyboard.type('<b>one</b>');
	await scene.page.keyboard.press('Enter');
	await scene.page.keyboard.type('two');
	assert.deepEqual(await said(scene), []);
	await (await scene.find('button[type=submit]')).click();
	assert.deepEqual(await said(scene), ['answered why "<b>one</b>\\ntwo"']);
	assert.equal(await scene.page.title(), 'A page with a widget');
	assert.deepEqual(await scene.ask((harness) => harness.violations), []);
	await scene.close();
});

test('a feedback tab waits at the edge, opens by key, folds back, and can be sent away', async () => {
	const scene = await stage.scene();
	await scene.page.focus('#before');
	await scene.show('survey', { ...SURVEY, position: 'tab' });
	assert.match(await scene.focused(), /#before/);
	let tree = await scene.accessible();
	assert.ok(tree.includes('button "Feedback"') && tree.includes('button "Hide this tab"'), tree.join('\n'));
	assert.equal(await scene.ask(({ handle }) => handle?.busy()), false);
	await walkIn(scene);
	assert.match(await scene.focused(), /Feedback/);
	await scene.page.keyboard.press('Enter');
	assert.match(await scene.focused(), /How likely/);
	tree = await scene.accessible();
	assert.ok(tree.includes('region "A short question"') && !tree.includes('button "Feedback"'), tree.join('\n'));
	await scene.page.keyboard.press('Escape');
	assert.match(await scene.focused(), /Feedback/);
	assert.deepEqual(await scene.calls(), ['painted', 'clicked tab']);
	await (await scene.find('.tab .x')).click();
	await scene.until((harness) => !harness.root);
	assert.equal((await scene.calls()).at(-1), 'closed button');
	await scene.close();
});

test('in the middle it is a modal that keeps the focus inside and gives it back', async () => {
	const scene = await stage.scene();
	await scene.page.focus('#before');
	await scene.show('survey', { ...SURVEY, position: 'center' });
	assert.ok((await scene.accessible()).includes('dialog "A short question"'));
	assert.equal(await scene.ask((harness) => harness.find('dialog')?.matches(':modal')), true);
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	assert.match(await scene.focused(), /#before/);
	await scene.close();
});
