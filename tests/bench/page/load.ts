/** One visitor with an empty browser: a page load under a trace, then the heap, then what the hand does. */
import type { Browser, CDPSession, Page } from 'puppeteer-core';
import type { Origin } from './serve.ts';
import { read } from './trace.ts';
import type { MainThread, TraceEvent } from './trace.ts';

/** After the load event: all tools are up within it, at both speeds; a tool that is not fails the run. */
export const WATCHED_MS = 3_000;
const CATEGORIES = [
	'-*',
	'devtools.timeline',
	'disabled-by-default-devtools.timeline',
	'v8',
	'v8.wasm',
	'disabled-by-default-v8.compile',
	'disabled-by-default-v8.gc',
	'disabled-by-default-v8.wasm.detailed',
];
const MOVES = 60;
const WHEELS = 20;

export interface Vitals {
	readonly lcp: number;
	readonly cls: number;
	readonly fcp: number;
	readonly ttfb: number;
}

export interface Hand {
	/** Milliseconds from input to the next frame, the worst of the visit, as web-vitals has it. */
	readonly inp: number;
	readonly cls: number;
	readonly main: MainThread;
}

export interface Load {
	readonly main: MainThread;
	readonly requests: number;
	readonly bytes: number;
	/** Used by script, and buffers outside of it (WebAssembly's memory among them), after a collection. */
	readonly heapBytes: number;
	readonly vitals: Vitals;
	readonly hand?: Hand;
	/** Addresses on which nobody answered, and what the page tried to reach elsewhere. */
	readonly unanswered: readonly string[];
	readonly live: boolean;
	readonly console: readonly string[];
}

export interface Room {
	readonly browser: Browser;
	/** The web-vitals library, to run in the page. */
	readonly vitals: string;
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A new visitor's tab: nothing stored, nothing cached, and no sign that a program drives it. */
export async function visitor(browser: Browser): Promise<{ page: Page; cdp: CDPSession; leave: () => Promise<void> }> {
	const context = await browser.createBrowserContext();
	const page = await context.newPage();
	const cdp = await page.createCDPSession();
	await page.setViewport({ width: 1280, height: 800 });
	const userAgent = (await browser.userAgent()).replace('Headless', '');
	await cdp.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: 'ja' });
	// Some tools do not start for a browser that says it is driven.
	await page.evaluateOnNewDocument(() =>
		Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false, configurable: true }),
	);
	return { page, cdp, leave: () => context.close() };
}

async function traced(page: Page, act: () => Promise<unknown>): Promise<TraceEvent[]> {
	await page.tracing.start({ categories: CATEGORIES });
	await act();
	const bytes = await page.tracing.stop();
	if (!bytes) throw new Error('the browser gave no trace');
	return (JSON.parse(Buffer.from(bytes).toString()) as { traceEvents: TraceEvent[] }).traceEvents;
}

declare global {
	interface Window {
		/** The web-vitals library, put there by the measurement. */
		webVitals?: Record<string, (report: (metric: { name: string; value: number }) => void, options: object) => void>;
		noticed?: Record<string, number>;
	}
}

/** Which addresses are a tool's: everything on its origin that is not the shop's. WebAssembly has addresses of its own. */
export const isTool = (url: string): boolean => {
	if (url.startsWith('wasm://')) return true;
	const path = /^https?:\/\/[^/]+(\/.*)$/.exec(url)?.[1];
	return path !== undefined && !path.startsWith('/shop/');
};

export async function load(room: Room, origin: Origin, slowDown: number): Promise<Load> {
	const { page, cdp, leave } = await visitor(room.browser);
	const lines: string[] = [];
	const foreign: string[] = [];
	page.on('console', (message) => lines.push(message.text()));
	page.on('pageerror', (error) => lines.push(String(error)));
	page.on('request', (request) => {
		const url = request.url();
		if (/^(https?|wss?):/.test(url) && !url.startsWith(origin.url)) foreign.push(url);
	});
	try {
		origin.forget();
		const address = `${origin.url}/shop/`;
		await page.emulateCPUThrottling(slowDown === 1 ? null : slowDown);
		const events = await traced(page, async () => {
			await page.goto(address, { waitUntil: 'load' });
			await after(WATCHED_MS);
		});
		const main = read(events, address, isTool);
		const served = [...origin.served];
		const { contender } = origin;
		const answered = served.filter(({ status }) => status < 400).map(({ path }) => path);
		const live = contender.live ? await page.evaluate(contender.live, answered) : true;
		await cdp.send('HeapProfiler.collectGarbage');
		const heap = (await cdp.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };

		await page.evaluate(room.vitals);
		const vitals = await page.evaluate(async () => {
			const noticed: Record<string, number> = (window.noticed = {});
			for (const name of ['onLCP', 'onCLS', 'onFCP', 'onTTFB', 'onINP'])
				window.webVitals?.[name]?.(({ name: of, value }) => (noticed[of] = value), {
					reportAllChanges: true,
					durationThreshold: 16,
				});
			// Observers deliver what was before them in a task of their own.
			await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)));
			return { lcp: noticed['LCP']!, cls: noticed['CLS'] ?? 0, fcp: noticed['FCP']!, ttfb: noticed['TTFB']! };
		});
		const hand = contender.interacts ? await interact(page, cdp, address) : undefined;
		return {
			main,
			requests: served.length,
			bytes: served.reduce((sum, { bytes }) => sum + bytes, 0),
			heapBytes: heap.usedSize + (heap.backingStorageSize ?? 0),
			vitals,
			...(hand && { hand }),
			unanswered: [...served.filter(({ status }) => status >= 400).map(({ path }) => path), ...foreign],
			live,
			console: lines,
		};
	} finally {
		await leave();
	}
}

/** Sixty moves, twenty steps of the wheel and six clicks: two languages, a product, into the cart, back home, a blank place. */
async function interact(page: Page, cdp: CDPSession, address: string): Promise<Hand> {
	const frame = (): Promise<unknown> =>
		page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
	const click = async (selector: string): Promise<void> => {
		const target = await page.waitForSelector(selector, { visible: true });
		await target!.click();
		await frame();
	};
	const events = await traced(page, async () => {
		for (let move = 0; move < MOVES; move++)
			await page.mouse.move(200 + ((move * 37) % 800), 150 + ((move * 23) % 500));
		for (let step = 0; step < WHEELS; step++) {
			await page.mouse.wheel({ deltaY: step < WHEELS / 2 ? 120 : -120 });
			await frame();
		}
		await page.evaluate(() => scrollTo(0, 0));
		await click('#lang-en');
		await click('#lang-ja');
		await click('main a[href*="/shop/product/"]');
		await click('#add-to-cart');
		await click('#site-header a[href="/shop/"]');
		await page.mouse.click(5, 400);
		await frame();
		await after(500);
	});
	const noticed = await page.evaluate(() => window.noticed ?? {});
	await cdp.send('HeapProfiler.collectGarbage');
	return { inp: noticed['INP'] ?? 0, cls: noticed['CLS'] ?? 0, main: read(renamed(events, address), address, isTool) };
}

/** A trace of a page that was there before says so under another name. */
function renamed(events: readonly TraceEvent[], address: string): readonly TraceEvent[] {
	if (events.some(({ name, args }) => name === 'FrameCommittedInBrowser' && args?.data?.url?.startsWith(address)))
		return events;
	const frames = events.flatMap(({ name, args }) =>
		name === 'TracingStartedInBrowser'
			? ((args?.data as { frames?: { url: string; processId: number }[] } | undefined)?.frames ?? [])
			: [],
	);
	const found = frames.find(({ url }) => url.startsWith(address));
	if (!found) throw new Error(`the trace does not know ${address}`);
	const commit: TraceEvent = {
		name: 'FrameCommittedInBrowser',
		ph: 'I',
		pid: 0,
		tid: 0,
		ts: 0,
		args: { data: { url: address, processId: found.processId } },
	};
	return [...events, commit];
}
