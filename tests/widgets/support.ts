/**
 * What the widget tests share: the bundles, a page under a strict policy that shows them, and a real browser.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import puppeteer, { type Browser, type CDPSession, type ElementHandle, type Page, type Viewport } from 'puppeteer-core';
import type { Content } from '../../js/shared/widget.ts';
import type { Harness, ShowOptions } from './harness.ts';

const HERE = new URL('.', import.meta.url);
const ROOT = new URL('../../', HERE);
export const KINDS = [
	'popup',
	'slide',
	'bar',
	'coupon',
	'chat',
	'survey',
	'countdown',
	'inline',
	'recommend',
	'proof',
	'html',
] as const;
export type Kind = (typeof KINDS)[number];

/** Nothing inline, nothing from elsewhere, no string that becomes script. */
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The same for a site that lets a widget's frame be: what `noren` makes is trusted, and styles and scripts with the nonce run. */
const FRAMES =
	"default-src 'none'; script-src 'self' 'nonce-tests'; style-src 'self' 'unsafe-inline'; img-src 'self'; require-trusted-types-for 'script'; trusted-types noren";

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="280" viewBox="0 0 640 280"><rect width="640" height="280" fill="#dfe6d5"/><circle cx="500" cy="90" r="46" fill="#f3d9a4"/><path d="M0 220q120-90 260-40t380-30v130H0z" fill="#8aa37b"/><path d="M0 250q180-60 330-20t310-20v70H0z" fill="#5f7d57"/></svg>`;

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface Stage {
	readonly browser: Browser;
	/** A fresh page with clean storage; see `Scene`. */
	scene(options?: SceneOptions): Promise<Scene>;
	close(): Promise<void>;
}

export interface SceneOptions {
	readonly viewport?: Viewport;
	readonly dark?: boolean;
	readonly stillness?: boolean;
	/** The page's policy lets the frames of widgets run. */
	readonly frames?: boolean;
}

export interface Scene {
	readonly page: Page;
	readonly cdp: CDPSession;
	show(kind: Kind, content: Omit<Content, 'kind'>, options?: ShowOptions): Promise<void>;
	/** What the widget told the agent so far, `name detail`. */
	calls(): Promise<string[]>;
	/** Resolves when the page-side predicate holds. */
	until(predicate: (harness: Harness, argument: string) => unknown, argument?: string): Promise<void>;
	/** Evaluates over the page-side harness. */
	ask<T>(question: (harness: Harness, argument: string) => T, argument?: string): Promise<T>;
	find(selector: string): Promise<ElementHandle<HTMLElement>>;
	focused(): Promise<string>;
	/** Every visible node of the accessibility tree as `role "name"`. */
	accessible(): Promise<string[]>;
	close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
	const bundles = await bundle();
	const server = createServer(async (request, response) => {
		const path = new URL(request.url ?? '/', 'http://localhost').pathname;
		const script = bundles.get(path);
		const policy = path === '/frames' ? FRAMES : POLICY;
		const send = (type: string, body: string | Buffer): void => {
			response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy });
			response.end(body);
		};
		if (script !== undefined) send('text/javascript', script);
		else if (path === '/picture.svg') send('image/svg+xml', PICTURE);
		else if (path === '/harness.css') send('text/css', await readFile(new URL('harness.css', HERE)));
		else send('text/html', await readFile(new URL('harness.html', HERE)));
	});
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	const executablePath = process.env['NOREN_CHROMIUM'] ?? BROWSERS.find(existsSync);
	if (!executablePath) throw new Error(`no Chromium: set NOREN_CHROMIUM or install one of ${BROWSERS.join(', ')}`);
	const browser = await puppeteer.launch({
		executablePath,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-sync',
		],
	});

	return {
		browser,
		scene: (options) => openScene(browser, origin, options ?? {}),
		async close() {
			await browser.close();
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
		},
	};
}

async function openScene(browser: Browser, origin: string, options: SceneOptions): Promise<Scene> {
	const context = await browser.createBrowserContext();
	await context.overridePermissions(origin, ['clipboard-read', 'clipboard-sanitized-write']);
	const page = await context.newPage();
	await page.setViewport(options.viewport ?? { width: 1280, height: 800 });
	await page.emulateMediaFeatures([
		{ name: 'prefers-color-scheme', value: options.dark ? 'dark' : 'light' },
		{ name: 'prefers-reduced-motion', value: options.stillness ? 'reduce' : 'no-preference' },
	]);
	await page.goto(`${origin}/${options.frames ? 'frames' : ''}`);
	await page.waitForFunction(() => 'harness' in window);
	const cdp = await page.createCDPSession();

	const scene: Scene = {
		page,
		cdp,
		async show(kind, content, showOptions) {
			await page.evaluate((...args) => window.harness.show(...args), kind, content, showOptions);
			await scene.until(({ calls }) => calls.some(([name]) => name === 'painted'));
		},
		calls: () => page.evaluate(() => window.harness.names()),
		async until(predicate, argument = '') {
			// The page's policy forbids building functions from strings inside of it, so the loop stays out here, one frame at a time.
			const deadline = performance.now() + 15_000;
			while (!(await scene.ask(predicate, argument))) {
				if (performance.now() > deadline) throw new Error(`never came true: ${predicate}`);
				await page.evaluate(() => new Promise(requestAnimationFrame));
			}
		},
		async ask(question, argument = '') {
			const harness = await page.evaluateHandle(() => window.harness);
			try {
				return (await harness.evaluate(question as never, argument as never)) as never;
			} finally {
				await harness.dispose();
			}
		},
		async find(selector) {
			const handle = await page.evaluateHandle((wanted) => window.harness.find(wanted), selector);
			const element = handle.asElement();
			if (!element) throw new Error(`no ${selector} in the widget`);
			return element as ElementHandle<HTMLElement>;
		},
		focused: () => scene.ask((harness) => harness.focused),
		async accessible() {
			const { nodes } = await cdp.send('Accessibility.getFullAXTree');
			return nodes
				.filter((node) => !node.ignored)
				.map((node) => `${String(node.role?.value)} "${String(node.name?.value ?? '')}"`);
		},
		close: () => context.close(),
	};
	return scene;
}

/** Each widget as the build bundles it, and the page's own script. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
	const entries: [string, URL][] = [
		...KINDS.map((kind): [string, URL] => [`/w/${kind}.js`, new URL(`js/widgets/${kind}/main.ts`, ROOT)]),
		['/harness.js', new URL('harness.ts', HERE)],
	];
	const files = new Map<string, string>();
	for (const [path, entry] of entries) {
		const result = await build({
			entryPoints: [fileURLToPath(entry)],
			bundle: true,
			minify: true,
			mangleProps: /^_[a-zA-Z]/,
			charset: 'utf8',
			write: false,
			format: 'esm',
			target: path.startsWith('/w/') ? 'es2020' : 'es2022',
			logLevel: 'error',
		});
		files.set(path, result.outputFiles[0]?.text ?? '');
	}
	return files;
}
