/** The driver interface over Chromium: puppeteer-core, and the DevTools protocol where puppeteer has no words. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import type { Browser, BrowserContext, CDPSession, KeyInput, Page as PuppeteerPage } from 'puppeteer-core';
import { Unsupported } from './driver.ts';
import type {
	AccessibleNode,
	ConsoleLine,
	Context,
	ContextOptions,
	Json,
	Network,
	Page,
	SeenRequest,
	Session,
	Target,
} from './driver.ts';

const PATIENCE_MS = 10_000;
/** Between two looks at a page. Not `requestAnimationFrame`: hidden pages have none. */
const LOOK_EVERY_MS = 30;

/** `NOREN_CHROMIUM`, which `cargo xtask test` sets, or the first one on the search path. */
function executable(): string {
	const named = process.env['NOREN_CHROMIUM'];
	if (named !== undefined) return named;
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
		const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
		if (found !== undefined) return found;
	}
	throw new Error('no Chromium: set NOREN_CHROMIUM or install it');
}

export async function launchChromium(): Promise<Session> {
	const browser = await puppeteer.launch({
		executablePath: executable(),
		headless: true,
		// Over a pipe the browser ends with this process, however that ends.
		pipe: true,
		args: [
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--disable-dev-shm-usage',
			'--force-color-profile=srgb',
		],
		defaultViewport: null,
	});
	const version = await browser.version();
	return {
		engine: 'chromium',
		version,
		newContext: async (options = {}) => new ChromiumContext(await browser.createBrowserContext(), browser, options),
		close: () => browser.close(),
	};
}

class ChromiumContext implements Context {
	readonly #context: BrowserContext;
	readonly #browser: Browser;
	readonly #options: ContextOptions;

	constructor(context: BrowserContext, browser: Browser, options: ContextOptions) {
		this.#context = context;
		this.#browser = browser;
		this.#options = options;
	}

	async newPage(): Promise<Page> {
		const { language = 'en-US', colorScheme = 'light', reducedMotion = false, viewport } = this.#options;
		const page = await this.#context.newPage();
		const cdp = await page.createCDPSession();
		await page.setViewport(viewport ?? { width: 1280, height: 800 });
		await page.emulateMediaFeatures([
			{ name: 'prefers-color-scheme', value: colorScheme },
			{ name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
		]);
		const userAgent = (await this.#browser.userAgent()).replace('Headless', '');
		await cdp.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: language });
		await cdp.send('Emulation.setLocaleOverride', { locale: language });
		await cdp.send('Network.enable');
		await cdp.send('DOM.enable');
		await cdp.send('Accessibility.enable');
		return new ChromiumPage(page, cdp, () => this.#context.newPage());
	}

	async close(): Promise<void> {
		await this.#context.close();
	}
}

/** The fields of the protocol's accessibility nodes that tests read. */
interface ProtocolNode {
	readonly ignored: boolean;
	readonly role?: { readonly value?: unknown };
	readonly name?: { readonly value?: unknown };
	readonly value?: { readonly value?: unknown };
	readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[];
	readonly backendDOMNodeId?: number;
}

class ChromiumPage implements Page {
	readonly console: ConsoleLine[] = [];
	readonly requests: SeenRequest[] = [];
	readonly #page: PuppeteerPage;
	readonly #cdp: CDPSession;
	readonly #newPage: () => Promise<PuppeteerPage>;
	/** The blank tab that covers this one while it is hidden. */
	#cover: PuppeteerPage | undefined;

	constructor(page: PuppeteerPage, cdp: CDPSession, newPage: () => Promise<PuppeteerPage>) {
		this.#page = page;
		this.#cdp = cdp;
		this.#newPage = newPage;
		page.on('console', (message) => this.console.push({ type: message.type(), text: message.text() }));
		page.on('pageerror', (error) => this.console.push({ type: 'error', text: String(error) }));
		const seen = new WeakMap<object, SeenRequest>();
		page.on('request', (request) => {
			const entry = { method: request.method(), url: request.url(), body: request.postData() };
			seen.set(request, entry);
			this.requests.push(entry);
		});
		page.on('response', (response) => {
			const entry = seen.get(response.request());
			if (entry) entry.status = response.status();
		});
		page.on('requestfailed', (request) => {
			const entry = seen.get(request);
			if (entry) entry.failure = request.failure()?.errorText ?? 'failed';
		});
	}

	async goto(url: string): Promise<void> {
		await this.#page.goto(url, { waitUntil: 'load' });
	}

	async reload(): Promise<void> {
		await this.#page.reload({ waitUntil: 'load' });
	}

	async back(): Promise<void> {
		await this.#page.goBack({ waitUntil: 'load' });
	}

	url(): string {
		return this.#page.url();
	}

	async evaluate<A extends readonly Json[], R>(fn: (...given: A) => R, ...given: A): Promise<Awaited<R>> {
		return (await this.#page.evaluate(fn as unknown as (...given: unknown[]) => R, ...given)) as Awaited<R>;
	}

	async waitFor<A extends readonly Json[], R>(
		fn: (...given: A) => R,
		given?: A,
		options: { readonly timeoutMs?: number; readonly what?: string } = {},
	): Promise<Awaited<R>> {
		const { timeoutMs = PATIENCE_MS, what = String(fn) } = options;
		// A page that navigates in between throws; the next look finds the new one.
		const found = await poll<unknown>(timeoutMs, what, async () => {
			try {
				return await this.evaluate(fn, ...((given ?? []) as unknown as A));
			} catch (error) {
				if (/context was destroyed|Cannot find context|detached/i.test(String(error))) return undefined;
				throw error;
			}
		});
		return found as Awaited<R>;
	}

	async findByRole(
		role: string,
		name?: string | RegExp,
		options: { readonly timeoutMs?: number } = {},
	): Promise<Target> {
		const what = `${role} ${name === undefined ? '' : String(name)}`;
		const node = await poll(options.timeoutMs ?? PATIENCE_MS, what, async () => this.#matching(role, name));
		return new ChromiumTarget(this.#page, this.#cdp, node);
	}

	async waitUntilGone(
		role: string,
		name?: string | RegExp,
		options: { readonly timeoutMs?: number } = {},
	): Promise<void> {
		const what = `no ${role} ${name === undefined ? '' : String(name)}`;
		await poll(options.timeoutMs ?? PATIENCE_MS, what, async () => (await this.#matching(role, name)) === undefined);
	}

	async accessibility(): Promise<readonly AccessibleNode[]> {
		const nodes = await this.#tree();
		return nodes.map((node) => {
			const property = (name: string) => node.properties?.find((property) => property.name === name)?.value.value;
			return {
				role: text(node.role?.value),
				name: text(node.name?.value),
				value: node.value === undefined ? undefined : text(node.value.value),
				focused: property('focused') === true,
				modal: property('modal') === true,
			};
		});
	}

	async #tree(): Promise<ProtocolNode[]> {
		const { nodes } = await this.#cdp.send('Accessibility.getFullAXTree');
		return (nodes as ProtocolNode[]).filter((node) => !node.ignored);
	}

	/** The DOM node of the first accessible node with this role and name. */
	async #matching(role: string, name: string | RegExp | undefined): Promise<number | undefined> {
		const fits = (found: string) => name === undefined || (name instanceof RegExp ? name.test(found) : found === name);
		const nodes = await this.#tree();
		return nodes.find((node) => node.role?.value === role && fits(text(node.name?.value)))?.backendDOMNodeId;
	}

	async click(selector: string): Promise<void> {
		await this.#page.locator(selector).setTimeout(PATIENCE_MS).click();
	}

	async type(selector: string, text: string): Promise<void> {
		await this.click(selector);
		await this.#page.keyboard.type(text);
	}

	async press(key: string): Promise<void> {
		const keys = key.split('+') as KeyInput[];
		const last = keys.pop();
		if (last === undefined) return;
		for (const modifier of keys) await this.#page.keyboard.down(modifier);
		await this.#page.keyboard.press(last);
		for (const modifier of keys.reverse()) await this.#page.keyboard.up(modifier);
	}

	async keyboard(text: string): Promise<void> {
		await this.#page.keyboard.type(text);
	}

	async moveTo(x: number, y: number): Promise<void> {
		await this.#page.mouse.move(x, y);
	}

	async scrollBy(pixels: number): Promise<void> {
		await this.#page.mouse.wheel({ deltaY: pixels });
	}

	async compose(text: string): Promise<void> {
		await this.#cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
	}

	async pressWhileComposing(key: string): Promise<void> {
		// What a browser sends while an input method has the keyboard: the method eats the key and the page sees 229.
		const event = { key, code: key, windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
		await this.#cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
		await this.#cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
	}

	async commitComposition(text: string): Promise<void> {
		await this.#cdp.send('Input.insertText', { text });
	}

	async setNetwork({ offline = false, latencyMs = 0, bytesPerSecond = -1 }: Network): Promise<void> {
		const throughput = { downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
		await this.#cdp.send('Network.emulateNetworkConditions', { offline, latency: latencyMs, ...throughput });
	}

	async block(patterns: readonly string[]): Promise<void> {
		await this.#cdp.send('Network.setBlockedURLs', { urls: [...patterns] });
	}

	async slowDown(factor: number): Promise<void> {
		await this.#page.emulateCPUThrottling(factor === 1 ? null : factor);
	}

	async hide(): Promise<void> {
		this.#cover ??= await this.#newPage();
		await this.#cover.bringToFront();
		await this.waitFor(() => document.visibilityState === 'hidden', [], { what: 'the page to be hidden' });
	}

	async show(): Promise<void> {
		await this.#page.bringToFront();
		await this.waitFor(() => document.visibilityState === 'visible', [], { what: 'the page to be visible' });
	}

	async screenshot(path: string): Promise<void> {
		if (!path.endsWith('.png')) throw new Unsupported('pictures are PNG');
		await this.#page.screenshot({ path: path as `${string}.png` });
	}

	async close(): Promise<void> {
		await this.#cover?.close();
		await this.#page.close({ runBeforeUnload: false });
	}
}

class ChromiumTarget implements Target {
	readonly #page: PuppeteerPage;
	readonly #cdp: CDPSession;
	readonly #node: { readonly backendNodeId: number };

	constructor(page: PuppeteerPage, cdp: CDPSession, backendNodeId: number) {
		this.#page = page;
		this.#cdp = cdp;
		this.#node = { backendNodeId };
	}

	async click(): Promise<void> {
		await this.#cdp.send('DOM.scrollIntoViewIfNeeded', this.#node);
		const { x, y, width, height } = await this.box();
		await this.#page.mouse.click(x + width / 2, y + height / 2);
	}

	async box(): Promise<{ x: number; y: number; width: number; height: number }> {
		const { model } = await this.#cdp.send('DOM.getBoxModel', this.#node);
		const [x = 0, y = 0, , , right = 0, bottom = 0] = model.border;
		return { x, y, width: right - x, height: bottom - y };
	}

	async focus(): Promise<void> {
		await this.#cdp.send('DOM.focus', this.#node);
	}

	async text(): Promise<string> {
		const { object } = await this.#cdp.send('DOM.resolveNode', this.#node);
		const answer = await this.#cdp.send('Runtime.callFunctionOn', {
			objectId: object.objectId ?? '',
			functionDeclaration: 'function () { return this.innerText ?? this.textContent ?? ""; }',
			returnByValue: true,
		});
		return text(answer.result.value);
	}
}

function text(value: unknown): string {
	return value === undefined || value === null ? '' : String(value);
}

/** Looks again until `look` gives something truthy. */
async function poll<R>(timeoutMs: number, what: string, look: () => Promise<R | undefined>): Promise<R> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const found = await look();
		if (found) return found;
		if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
	}
}
