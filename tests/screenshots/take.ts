/**
 * Takes the pictures of the README from the running product, and those of each widget: `node tests/screenshots/take.ts`, after
 * `cargo xtask build`; with `widgets` as its argument only the latter, which need no build. What the README's show is what the examples
 * publish, but for the waiting.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goTo, says, signIn } from '../console/support.ts';
import { launch } from '../driver/driver.ts';
import type { Page, Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { takeWidgets } from './widgets.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const FOLDER = join(ROOT, 'docs/images');
/** A page with pictures in it should not make people wait. */
const MAX_BYTES = 300 * 1024;
const VIEWPORT = { width: 1200, height: 750 };

/** Everything has arrived and nothing moves any more. */
async function settled(page: Page): Promise<void> {
	await page.waitFor(
		async () => {
			await document.fonts.ready;
			const pictures = [...document.images].every((image) => image.complete);
			return pictures && document.getAnimations().every((one) => one.playState !== 'running');
		},
		[],
		{ what: 'the page to settle' },
	);
}

async function take(page: Page, name: string): Promise<void> {
	await settled(page);
	await page.screenshot(join(FOLDER, name));
	within(name);
}

/** Says how large a picture has become, and refuses one that is too large. */
function within(name: string): void {
	const { size } = statSync(join(FOLDER, name));
	console.log(`docs/images/${name}: ${Math.ceil(size / 1024)} KB`);
	if (size > MAX_BYTES) throw new Error(`${name} is over ${MAX_BYTES / 1024} KB`);
}

async function popup(edge: Edge, browser: Session): Promise<void> {
	const linger = JSON.parse(readFileSync(join(ROOT, 'examples/campaigns/linger-coupon.json'), 'utf8'));
	linger.trigger.dwell.time = '1s';
	linger.control = 0;
	await edge.admin.publish([linger], { replace: false });
	const visitor = await browser.newContext({ viewport: VIEWPORT });
	const page = await visitor.newPage();
	await page.goto(`${edge.url}/shop/product/?id=sencha-100&lang=en`);
	await page.findByRole('dialog');
	await page.waitFor(() => document.querySelector('noren-widget')?.shadowRoot?.querySelector('code') !== null);
	await take(page, 'popup.png');
}

async function console_(edge: Edge, browser: Session): Promise<void> {
	const page = await signIn(edge, browser, { viewport: VIEWPORT });
	await goTo(page, 'campaigns');
	await says(page, 'Lingering over a tea');
	await take(page, 'console.png');
}

async function readme(): Promise<void> {
	const edge = await Edge.start({ seed: true });
	const browser = await launch();
	try {
		await console_(edge, browser);
		await popup(edge, browser);
	} finally {
		await browser.close();
		await edge.stop();
	}
}

mkdirSync(join(FOLDER, 'widgets'), { recursive: true });
if (process.argv[2] !== 'widgets') await readme();
await takeWidgets((name, png) => {
	writeFileSync(join(FOLDER, 'widgets', name), png);
	within(`widgets/${name}`);
});
