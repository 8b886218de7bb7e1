import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { COUPON, COUPON_TEXT } from './content.ts';
import { openStage, type Stage } from './support.ts';

let stage: Stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

test('the code is claimed once, waited for, and shown with its terms', async () => {
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: ['wait'], language: 'ja' });
	assert.match(await scene.ask(({ root }) => root?.textContent ?? ''), /コードを取得しています/);
	await scene.ask((harness, answer) => harness.answer(JSON.parse(answer)), JSON.stringify(COUPON));
	await scene.until((harness) => harness.find('.code'));
	const text = await scene.ask((harness) => harness.find('.ticket')?.innerText ?? '');
	assert.match(text, /500円引き/);
	assert.match(text, /3,000円以上のご注文で使えます/);
	assert.match(text, /TEA-7K2P/);
	assert.match(text, /2030年11月30日.*まで有効/);
	assert.deepEqual(await scene.calls(), ['coupon', 'painted']);
	await scene.until((harness) => harness.find('[role=status]')?.textContent?.includes('TEA-7K2P'));
	await scene.close();
});

test('the copy button fills the clipboard, says so to eye and ear, and reports it', async () => {
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: [COUPON] });
	await scene.until((harness) => harness.find('.ticket button'));
	await scene.page.bringToFront();
	await (await scene.find('.ticket button')).click();
	await scene.until((harness) => harness.find('[role=status]')?.textContent === 'Copied');
	assert.match(await scene.ask((harness) => harness.find('.ticket button')?.innerText ?? ''), /Copied/);
	assert.equal(await scene.page.evaluate(() => navigator.clipboard.readText()), 'TEA-7K2P');
	assert.ok((await scene.calls()).includes('clicked copy'));
	assert.match(await scene.focused(), /^BUTTON/, 'the focus stays where it was');
	await scene.close();
});

test('without a clipboard interface the code is copied the old way', async () => {
	const scene = await stage.scene();
	await scene.page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
	await scene.show('coupon', COUPON_TEXT, { coupons: [COUPON] });
	await scene.until((harness) => harness.find('.ticket button'));
	await scene.page.evaluate(() =>
		document.addEventListener('copy', () =>
			window.harness.calls.push(['copied', window.harness.root?.activeElement?.tagName ?? '']),
		),
	);
	await (await scene.find('.ticket button')).click();
	await scene.until(({ calls }) => calls.some(([name]) => name === 'clicked'));
	assert.ok((await scene.calls()).includes('copied TEXTAREA'));
	assert.equal(await scene.ask((harness) => harness.root?.querySelectorAll('textarea').length), 0);
	await scene.close();
});

test('where copying fails, the visitor is told to select the code', async () => {
	const scene = await stage.scene();
	await scene.page.evaluate(() => {
		Object.defineProperty(navigator, 'clipboard', { value: undefined });
		document.execCommand = () => false;
	});
	await scene.show('coupon', COUPON_TEXT, { coupons: [COUPON] });
	await scene.until((harness) => harness.find('.ticket button'));
	await (await scene.find('.ticket button')).click();
	await scene.until((harness) => harness.find('[role=status]')?.textContent?.includes('Could not copy'));
	assert.ok(!(await scene.calls()).includes('clicked copy'));
	await scene.close();
});

test('one click selects the whole code, and nothing but the code', async () => {
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: [COUPON] });
	await scene.until((harness) => harness.find('.code'));
	await (await scene.find('.code')).click();
	assert.equal(await scene.page.evaluate(() => String(getSelection())), 'TEA-7K2P');
	await scene.close();
});

test('a sold-out pool and a missing right are said plainly; a failed call can be tried again', async () => {
	const rows = [
		['pool_empty', 'Sorry, this coupon has run out.', false],
		['not_eligible', 'This coupon cannot be used right now.', false],
		['pool_unknown', 'This coupon cannot be used right now.', false],
		['pool_closed', 'Sorry, this coupon is no longer given out.', false],
		['unreachable', 'We could not get your code. Please check your connection.', true],
	] as const;
	for (const [code, words, retry] of rows) {
		const scene = await stage.scene();
		await scene.show('coupon', COUPON_TEXT, { coupons: [{ ok: false, code }] });
		await scene.until((harness, wanted) => harness.find('.ticket')?.textContent?.includes(wanted), words);
		assert.equal((await scene.ask((harness) => harness.find('.ticket button'))) !== null, retry, code);
		await scene.until((harness, wanted) => harness.find('[role=status]')?.textContent === wanted, words);
		await scene.close();
	}
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: ['throw', 'wait'] });
	await scene.until((harness) => harness.find('.ticket button'));
	await (await scene.find('.ticket button')).focus();
	await scene.page.keyboard.press('Enter');
	await scene.until(({ calls }) => calls.filter(([name]) => name === 'coupon').length === 2);
	assert.match(await scene.focused(), /^DIV/, 'the focus stays where the button was');
	await scene.ask((harness, answer) => harness.answer(JSON.parse(answer)), JSON.stringify(COUPON));
	await scene.until((harness) => harness.find('.code'));
	assert.match(await scene.focused(), /^BUTTON Copy code/);
	assert.deepEqual(await scene.ask(({ errors }) => errors), []);
	await scene.close();
});

test('too many at once: the visitor is told to wait a moment, or to come back tomorrow', async () => {
	const rows = [
		['en', 60, 'Many people want this coupon just now. Please try again in a minute.', true],
		['ja', 60, 'ただいまクーポンの取得が集中しています。1分ほど待ってから、もう一度お試しください。', true],
		['en', 80_000, 'No more coupons can be given out here today. Please try again tomorrow.', false],
		['ja', 80_000, '本日お渡しできるクーポンの枚数に達しました。明日以降にもう一度お試しください。', false],
	] as const;
	for (const [language, seconds, words, retry] of rows) {
		const scene = await stage.scene();
		await scene.show('coupon', COUPON_TEXT, { coupons: [seconds, COUPON], language });
		await scene.until((harness, wanted) => harness.find('[role=status]')?.textContent === wanted, words);
		assert.equal((await scene.ask((harness) => harness.find('.ticket button'))) !== null, retry);
		if (retry) {
			await (await scene.find('.ticket button')).click();
			await scene.until((harness) => harness.find('.code'));
		}
		await scene.close();
	}
});

test('an answer that comes after it was closed changes nothing', async () => {
	const scene = await stage.scene();
	await scene.show('coupon', COUPON_TEXT, { coupons: ['wait'] });
	await scene.page.keyboard.press('Escape');
	await scene.until((harness) => !harness.root);
	await scene.ask((harness, answer) => harness.answer(JSON.parse(answer)), JSON.stringify(COUPON));
	await scene.page.evaluate(() => new Promise(requestAnimationFrame));
	assert.deepEqual(await scene.calls(), ['coupon', 'painted', 'closed escape']);
	assert.deepEqual(await scene.ask(({ errors }) => errors), []);
	await scene.close();
});
