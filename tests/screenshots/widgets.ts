/**
 * Pictures of each widget: in English by day on a desk, in Japanese by night on a telephone. Taken on the page of the widget tests, whose
 * style sheet is as rude as a page's can be.
 */
import type { Page } from 'puppeteer-core';
import type { Content } from '../../js/shared/widget.ts';
import { COUNTDOWN, COUPON, COUPON_TEXT, ITEMS, MESSAGE, PROOF, SURVEY } from '../widgets/content.ts';
import type { ShowOptions } from '../widgets/harness.ts';
import { openStage, type Kind } from '../widgets/support.ts';

const DESK = { width: 720, height: 540 };
const TELEPHONE = { width: 390, height: 640, isMobile: true, hasTouch: true };
const slot = { at: '#kept', height: 200 };
const CHAT: Omit<Content, 'kind'> = {
	title: { en: 'Questions?', ja: 'ご質問はありますか?' },
	body: { en: 'We answer here.', ja: 'こちらでお答えします。' },
};

const OWN: Omit<Content, 'kind'> = {
	title: 'Own HTML',
	height: 200,
	html: '<div style="padding:2em;text-align:center"><h2>春のお茶</h2><p>Anything you can write in HTML.</p></div>',
};

const PICTURES: readonly [name: string, kind: Kind, content: Omit<Content, 'kind'>, options?: ShowOptions][] = [
	['popup', 'popup', MESSAGE],
	['bar', 'bar', MESSAGE],
	['slide', 'slide', MESSAGE],
	['coupon', 'coupon', COUPON_TEXT, { coupons: [COUPON] }],
	['chat', 'chat', CHAT],
	['survey', 'survey', SURVEY],
	['feedback-tab', 'survey', { ...SURVEY, position: 'tab' }],
	['countdown', 'countdown', COUNTDOWN],
	['recommend', 'recommend', ITEMS],
	['inline', 'inline', { ...MESSAGE, slot }],
	['proof', 'proof', PROOF],
	['html', 'html', OWN],
];

/** Takes them all; `keep` gets each as PNG under its name. */
export async function takeWidgets(keep: (name: string, png: Uint8Array) => void): Promise<void> {
	const stage = await openStage();
	try {
		for (const [language, dark, viewport] of [
			['en', false, DESK],
			['ja', true, TELEPHONE],
		] as const) {
			for (const [name, kind, content, options] of PICTURES) {
				const scene = await stage.scene({ dark, viewport, stillness: true, frames: kind === 'html' });
				await scene.show(kind, content, { language, ...options });
				await settled(scene.page);
				keep(`${name}-${language}.png`, await scene.page.screenshot());
				await scene.close();
			}
		}
	} finally {
		await stage.close();
	}
}

/** The widget's pictures are there, and a code that was asked for has come. */
async function settled(page: Page): Promise<void> {
	await page.evaluate(async () => {
		await document.fonts.ready;
		const host = document.querySelector('#host');
		const root = host?.shadowRoot;
		if (host?.parentElement?.id === 'kept') host.scrollIntoView({ block: 'center', behavior: 'instant' });
		await Promise.all([...(root?.querySelectorAll('img') ?? [])].map((image) => image.decode().catch(() => {})));
		await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
	});
}
