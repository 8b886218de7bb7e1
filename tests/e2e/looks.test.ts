/**
 * Every widget as this engine draws it: on a desk by day in English, in a hand by night in Japanese. What can be measured is; the pictures,
 * in target/noren/looks, are for people.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { AxeResults } from 'axe-core';
import { COUNTDOWN, COUPON_TEXT, ITEMS, MESSAGE, PROOF, SURVEY } from '../widgets/content.ts';
import { campaign, drawn, ready, stage, taggedPage } from './pages/stage.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = new URL('../../target/noren/looks/', import.meta.url).pathname;

/** Pictures come from the site; this one has none. */
const { image: _, ...message } = MESSAGE;
const items = ITEMS.items?.map(({ image: _, ...item }) => item) ?? [];
const html = '<main><h1>Sale</h1><a href="#tea">To the teas</a></main>';

/** Each kind and what it says in both languages. */
const KINDS: readonly [kind: string, content: object, says: { readonly en: string; readonly ja: string }][] = [
	['popup', message, { en: 'Still looking?', ja: 'お探しですか?' }],
	['bar', message, { en: 'Still looking?', ja: 'お探しですか?' }],
	['slide', message, { en: 'Still looking?', ja: 'お探しですか?' }],
	['inline', { ...message, slot: { at: '#kept', height: 260 } }, { en: 'Still looking?', ja: 'お探しですか?' }],
	['coupon', COUPON_TEXT, { en: 'TEA-', ja: 'TEA-' }],
	['survey', SURVEY, { en: 'How likely', ja: '当店を人に' }],
	['countdown', COUNTDOWN, { en: 'Free delivery today', ja: '本日送料無料' }],
	['recommend', { ...ITEMS, items }, { en: 'Goes well with it', ja: 'ご一緒に' }],
	['proof', PROOF, { en: 'sold this week', ja: '個売れました' }],
	['html', { title: { en: 'Our sale', ja: 'セール' }, height: 120, html }, { en: 'Our sale', ja: 'セール' }],
	['chat', { title: { en: 'Questions?', ja: 'ご質問は?' } }, { en: 'Questions?', ja: 'ご質問は?' }],
];

const s = stage(async ({ edge }) => {
	await edge.admin.pool('welcome', {
		generate: { count: 20, prefix: 'TEA-' },
		terms: { kind: 'amount', value: 500, currency: 'JPY', minimum: 3000 },
	});
	await edge.admin.publish(
		KINDS.map(([kind, content]) =>
			campaign(kind, {
				trigger: { on: `look_at_${kind}` },
				variants: [{ id: 'a', weight: 100, action: { kind, ...content } }],
			}),
		),
	);
});

const BODY = `<style>@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }</style>
<p id="sold">1,234</p><div id="kept" style="min-height:260px"></div>`;

/** What of a widget can be measured without knowing how it is made. */
function measure() {
	const host = document.querySelector('noren-widget');
	const all = [...(host?.shadowRoot?.querySelectorAll<HTMLElement>('*') ?? [])].filter((one) => one.checkVisibility());
	const box = (one: HTMLElement) => one.getBoundingClientRect();
	const name = (one: HTMLElement) => `${one.localName}.${one.className}`;
	// Opaque ones: what dims the page behind a dialog is none.
	const painted = all.filter((one) => getComputedStyle(one).backgroundColor.startsWith('rgb('));
	const area = (one: HTMLElement) => box(one).width * box(one).height;
	const [largest] = painted.sort((a, b) => area(b) - area(a));
	const colour = largest ? getComputedStyle(largest).backgroundColor : '';
	return {
		outside: all.filter((one) => box(one).left < -1 || box(one).right > innerWidth + 1).map(name),
		sideways: document.documentElement.scrollWidth > innerWidth,
		small: all
			.filter((one) => one.matches('button, .b, textarea') && (box(one).width < 44 || box(one).height < 44))
			.map(name),
		language: all.find((one) => one.lang)?.lang,
		// Of the largest surface, 0 to 255.
		brightness: Math.max(...(colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number)),
	};
}

for (const [where, language, options] of [
	['on a desk by day', 'en', { reducedMotion: true }],
	// As narrow as the windows of all engines get, and a telephone's layout.
	['in a hand by night', 'ja', { colorScheme: 'dark', reducedMotion: true, viewport: { width: 450, height: 844 } }],
] as const) {
	test(`every widget, ${where}, is whole, readable and large enough to press`, async (t) => {
		const dark = 'colorScheme' in options;
		mkdirSync(PICTURES, { recursive: true });
		const page = taggedPage({ body: BODY }).replace('lang="en"', `lang="${language}"`);
		const site = await s.site(t, { '/': { html: page } });
		const tab = await (await s.visitor(t, options)).newPage();
		for (const [kind, , says] of KINDS) {
			await tab.goto(`${site.url}/`);
			await ready(tab);
			await tab.evaluate((name) => void window.noren?.('track', name), `look_at_${kind}`);
			await tab.waitFor(
				// Of a frame only the name is ours to see.
				(words) => document.querySelector('noren-widget')?.shadowRoot?.innerHTML.includes(words),
				[says[language]],
				{ what: `${kind} in ${language}` },
			);
			await drawn(tab);
			// Visitors who asked for less motion have none: what stands there stands still.
			const moving = await tab.evaluate(
				() => document.querySelector('noren-widget')?.shadowRoot?.getAnimations().length,
			);
			assert.equal(moving, 0, kind);
			await tab.screenshot(`${PICTURES}${s.session.engine}-${kind}-${language}.png`);
			const { brightness, ...found } = await tab.evaluate(measure);
			assert.deepEqual(found, { outside: [], sideways: false, small: [], language }, kind);
			assert.equal(brightness < 128, dark, `${kind}: brightness ${brightness}`);
			// The page has no policy of its own; the widgets' own suite has one.
			await tab.evaluate((source) => void (0, eval)(source), AXE);
			const violations = await tab.evaluate(async () => {
				const { axe } = window as unknown as { axe: { run(scope: object, options: object): Promise<AxeResults> } };
				// The element itself is shut off from the page's styles, spacing included (`all: initial`, in one piece as Chromium has it
				// and as its parts in Firefox, where axe sees them). A visitor's own style sheet outranks that.
				const rules = { 'avoid-inline-spacing': { enabled: false } };
				const results = await axe.run({ include: ['noren-widget'] }, { rules });
				return results.violations
					.filter(({ impact }) => impact === 'serious' || impact === 'critical')
					.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('; ')}`);
			});
			assert.deepEqual(violations, [], kind);
		}
	});
}
