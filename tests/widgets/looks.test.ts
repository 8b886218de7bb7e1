/** What can be measured of the looks: contrast and roles by axe, sizes, schemes, motion, zoom. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import { COUNTDOWN, COUPON, COUPON_TEXT, ITEMS, MESSAGE, PROOF, SURVEY } from './content.ts';
import { openStage, type Kind, type Scene, type Stage } from './support.ts';

let stage: Stage;
let axe: string;
before(async () => {
	stage = await openStage();
	axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});
after(() => stage.close());

const CHAT = { title: 'Questions?', body: 'We answer here.' };

/** Words that no line can hold. */
const LONG = {
	title: 'title'.repeat(30),
	body: 'body'.repeat(60),
	buttons: [{ label: 'label'.repeat(20), action: 'close' }],
};

const LONG_SURVEY = {
	title: 'title'.repeat(20),
	survey: {
		id: 's',
		questions: [
			{ name: 'q', type: 'ces', ask: 'ask'.repeat(50), low: 'low'.repeat(18), high: 'high'.repeat(14) },
			{ name: 'end', type: 'text', ask: 'x' },
		],
	},
};

const OWN = { title: 'Our sale', height: 120, html: '<main><h1>Sale</h1><a href="#tea">To the teas</a></main>' };

/** The same, with Arabic words beside the English. */
function inArabic<T>(content: T): T {
	if (typeof content !== 'object' || content === null) return content;
	if (Array.isArray(content)) return content.map(inArabic) as T;
	const inner = Object.entries(content).map(([key, value]) => [key, inArabic(value)]);
	return Object.fromEntries('en' in content ? [...inner, ['ar', `نص بالعربية (${content.en})`]] : inner) as T;
}

/** A place in the page of the tests. */
const KEPT = { at: '#kept', height: 260 };

async function converse(scene: Scene): Promise<void> {
	await scene.until(({ edge }) => edge.connected === 1);
	await scene.ask(({ edge }) => edge.operatorSays('Hello https://shop.example/'));
	await scene.page.keyboard.type('hello');
	await scene.page.keyboard.press('Enter');
	await scene.until((harness) => harness.root?.querySelectorAll('.say').length === 2);
}

/** Every state in which a visitor may meet a widget. */
const STATES: readonly [
	name: string,
	kind: Kind,
	content: object,
	options: object,
	then?: (scene: Scene) => Promise<void>,
][] = [
	['popup', 'popup', MESSAGE, {}],
	['popup, own accent', 'popup', { ...MESSAGE, theme: { accent: '#ffb000' } }, {}],
	['popup, own surface', 'popup', { ...MESSAGE, theme: { background: '#7a2e2e', text: '#803030' } }, {}],
	['popup, words too long', 'popup', LONG, {}],
	['slide, words too long', 'slide', LONG, {}],
	['bar, words too long', 'bar', LONG, {}],
	['slide', 'slide', MESSAGE, {}],
	['bar', 'bar', MESSAGE, {}],
	['coupon', 'coupon', COUPON_TEXT, { coupons: [COUPON] }, (scene) => scene.until((harness) => harness.find('.code'))],
	['coupon, waiting', 'coupon', COUPON_TEXT, { coupons: ['wait'] }],
	[
		'coupon, corner, failed',
		'coupon',
		{ ...COUPON_TEXT, position: 'corner' },
		{ coupons: ['throw'] },
		(scene) => scene.until((harness) => harness.find('.ticket button')),
	],
	['survey', 'survey', SURVEY, {}],
	['survey, modal', 'survey', { ...SURVEY, body: 'One minute.', position: 'center' }, {}],
	[
		'survey, refused',
		'survey',
		SURVEY,
		{},
		async (scene) => {
			await (await scene.find('button[type=submit]')).click();
		},
	],
	['survey, text', 'survey', SURVEY, { memory: { 's.visit': '[[0,1],{"nps":4}]' } }],
	['survey, choice', 'survey', SURVEY, { memory: { 's.visit': '[[0,2],{"taste":["green"]}]' } }],
	['survey, stars', 'survey', SURVEY, { memory: { 's.visit': '[[0,3],{"stars":3}]' } }],
	[
		'survey, thanks',
		'survey',
		SURVEY,
		{ memory: { 's.visit': '[[3],{}]' } },
		async (scene) => {
			await (await scene.find('button[type=submit]')).click();
			await scene.until((harness) => harness.find('.thanks'));
		},
	],
	['feedback tab', 'survey', { ...SURVEY, position: 'tab' }, {}],
	[
		'feedback tab, open',
		'survey',
		{ ...SURVEY, position: 'tab', theme: { accent: '#ffb000', background: '#102030' } },
		{},
		async (scene) => {
			await (await scene.find('.tab .b1')).click();
		},
	],
	['survey, words too long', 'survey', LONG_SURVEY, {}],
	['countdown', 'countdown', COUNTDOWN, {}],
	['countdown, corner', 'countdown', { ...COUNTDOWN, position: 'corner' }, {}],
	['recommendations', 'recommend', ITEMS, {}],
	['recommendations in the page', 'recommend', { ...ITEMS, position: 'slot', slot: KEPT }, {}],
	['message in the page', 'inline', { ...MESSAGE, slot: KEPT }, {}],
	['count', 'proof', PROOF, {}],
	['count in the page', 'proof', { ...PROOF, position: 'slot', slot: KEPT }, {}],
	['own HTML', 'html', OWN, {}],
	['own HTML in the corner', 'html', { ...OWN, position: 'corner' }, {}],
	['invitation', 'chat', CHAT, {}],
	['panel', 'chat', CHAT, { asked: true }, converse],
	[
		'launcher',
		'chat',
		CHAT,
		{ asked: true },
		async (scene) => {
			await converse(scene);
			await scene.page.keyboard.press('Escape');
			await scene.ask(({ edge }) => edge.operatorSays('unseen'));
			await scene.until((harness) => harness.find('.count')?.textContent === '1');
		},
	],
];

for (const [dark, language] of [
	[false, 'en'],
	[true, 'ja'],
	[false, 'ar'],
] as const) {
	test(`axe finds nothing serious, ${dark ? 'dark' : 'light'}, ${language}`, async () => {
		for (const [name, kind, content, options, then] of STATES) {
			const scene = await stage.scene({ dark, stillness: true, frames: kind === 'html' });
			await scene.show(kind, language === 'ar' ? inArabic(content) : content, { language, ...options });
			await then?.(scene);
			await scene.page.evaluate(axe);
			const results = await scene.page.evaluate(async () => {
				const { axe } = window as unknown as { axe: { run(scope: object): Promise<AxeResults> } };
				return axe.run({ include: ['#host'] });
			});
			const found = results.violations
				.filter(({ impact }) => impact === 'serious' || impact === 'critical')
				.map(
					({ id, nodes }) =>
						`${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
				);
			assert.deepEqual(found, [], name);
			assert.ok(results.passes.length > 3, `${name}: axe looked inside`);
			assert.equal(await scene.ask((harness) => harness.find('.n')?.dir), language === 'ar' ? 'rtl' : 'ltr', name);
			await scene.close();
		}
	});
}

test('everything to press is at least 44 pixels each way', async () => {
	for (const [name, kind, content, options, then] of STATES) {
		const scene = await stage.scene({
			viewport: { width: 390, height: 844, isMobile: true, hasTouch: true },
			frames: kind === 'html',
		});
		await scene.show(kind, content, options);
		await then?.(scene);
		const small = await scene.ask((harness) =>
			[...(harness.root?.querySelectorAll<HTMLElement>('button,.b,textarea,li>a,label') ?? [])]
				.filter((element) => element.checkVisibility())
				// Seven marks side by side on a telephone are narrower; the standard asks for 24.
				.filter((element) => element.offsetWidth < (element.closest('.pts') ? 40 : 44) || element.offsetHeight < 44)
				.map((element) => `${element.className} ${element.offsetWidth}x${element.offsetHeight}`),
		);
		assert.deepEqual(small, [], name);
		await scene.close();
	}
});

test('colours follow the visitor’s scheme, unless the theme has chosen a surface', async () => {
	const surface = async (dark: boolean, theme: object): Promise<string> => {
		const scene = await stage.scene({ dark });
		await scene.show('popup', { ...MESSAGE, theme });
		const colour = await scene.ask((harness) => getComputedStyle(harness.find('.card') as Element).backgroundColor);
		await scene.close();
		return colour;
	};
	assert.equal(await surface(false, {}), 'rgb(255, 255, 255)');
	assert.equal(await surface(true, {}), 'rgb(30, 31, 35)');
	assert.equal(await surface(true, { accent: '#123456' }), 'rgb(30, 31, 35)');
	assert.equal(await surface(true, { background: '#fdf6e3' }), 'rgb(253, 246, 227)');
	assert.equal(await surface(true, { background: 'white;}' }), 'rgb(30, 31, 35)');
});

test('who asked for less motion gets none', async () => {
	const running = async (stillness: boolean): Promise<number> => {
		const scene = await stage.scene({ stillness });
		await scene.page.evaluate(() => {
			addEventListener('animationstart', () => {});
		});
		await scene.show('coupon', COUPON_TEXT, { coupons: ['wait'] });
		const count = await scene.ask((harness) => harness.find('.ghost')?.getAnimations().length ?? -1);
		await scene.close();
		return count;
	};
	assert.equal(await running(false), 1);
	assert.equal(await running(true), 0);
});

test('at 400 % zoom everything is still in reach, without a sideways scroll', async () => {
	for (const [name, kind, content, options, then] of STATES) {
		const scene = await stage.scene({ viewport: { width: 320, height: 256 }, frames: kind === 'html' });
		await scene.show(kind, content, options);
		await then?.(scene);
		const lost = await scene.ask((harness) => {
			const out: string[] = [];
			for (const element of harness.root?.querySelectorAll<HTMLElement>('button,a,textarea,h2,p,.code,legend,label') ??
				[]) {
				if (!element.checkVisibility() || element.closest('.sr') || !element.textContent) continue;
				element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
				const { top, left, right, height } = element.getBoundingClientRect();
				const reach =
					top >= -1 && left >= -1 && right <= innerWidth + 1 && (height > innerHeight || top + 10 < innerHeight);
				// The launcher's number stands over its edge on purpose.
				const spills =
					!element.matches('.launch') && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
				if (!reach || spills)
					out.push(`${element.tagName} ${element.textContent.slice(0, 20)} ${top} ${left} ${right}`);
			}
			return out;
		});
		assert.deepEqual(lost, [], name);
		await scene.close();
	}
});

test('the focus can be seen on everything that takes it', async () => {
	for (const [name, kind, content, options, then] of STATES) {
		const scene = await stage.scene({ frames: kind === 'html' });
		await scene.show(kind, content, options);
		await then?.(scene);
		const bare = await scene.ask((harness) => {
			const out: string[] = [];
			for (const element of harness.root?.querySelectorAll<HTMLElement>('button,a,input,textarea,[tabindex="0"]') ??
				[]) {
				if (!element.checkVisibility()) continue;
				element.focus({ focusVisible: true } as FocusOptions);
				const { outlineStyle, outlineWidth } = getComputedStyle(element);
				if (outlineStyle !== 'solid' || outlineWidth !== '2px')
					out.push(`${element.className} ${outlineStyle} ${outlineWidth}`);
			}
			return out;
		});
		assert.deepEqual(bare, [], name);
		await scene.close();
	}
});
