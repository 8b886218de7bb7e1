/**
 * What a test may ask of a browser. Tests know this file and nothing of the tool behind it, so the same test runs in every engine:
 *
 * - Chromium: `chromium.ts`, puppeteer-core over the DevTools protocol.
 * - Firefox: `firefox.ts`, WebDriver BiDi, which the browser speaks by itself.
 * - WebKit: `webkit.ts`, WebKitWebDriver over plain WebDriver.
 *
 * The last two share `plain.ts`: input by WebDriver's actions, requests by a proxy of the driver's own, roles and names computed in the page.
 *
 * A driver that cannot do something throws `Unsupported`, so a test that needs it fails with that word instead of passing by accident.
 */

/** Thrown by a driver for what its engine has no means for. */
export class Unsupported extends Error {}

/** How a visitor's browser is set up. All fields have the values of a desktop visitor who reads English. */
export interface ContextOptions {
	/** BCP 47, what `navigator.language` says and `Accept-Language` asks for. */
	readonly language?: string;
	readonly colorScheme?: 'light' | 'dark';
	readonly reducedMotion?: boolean;
	/** CSS pixels. */
	readonly viewport?: { readonly width: number; readonly height: number };
}

/** A line on the page's console, an uncaught error included (`type` is then `error`). */
export interface ConsoleLine {
	readonly type: string;
	readonly text: string;
}

/** A request the page made. `status` is there once it was answered, `failure` when it never was. */
export interface SeenRequest {
	readonly method: string;
	readonly url: string;
	readonly body: string | undefined;
	status?: number;
	failure?: string;
}

/** One node of the accessibility tree, shadow trees included. */
export interface AccessibleNode {
	readonly role: string;
	readonly name: string;
	readonly value: string | undefined;
	readonly focused: boolean;
	readonly modal: boolean;
}

/** A line of quality: what a slow or absent network does to every request of a page. */
export interface Network {
	readonly offline?: boolean;
	readonly latencyMs?: number;
	readonly bytesPerSecond?: number;
}

/** Something a person can point at, found by what assistive technology calls it; works through any shadow tree. */
export interface Target {
	/** Real pointer, down and up in the middle of it, after scrolling it into view. */
	click(): Promise<void>;
	/** Text as rendered. */
	text(): Promise<string>;
	/** CSS pixels in the viewport. */
	box(): Promise<{ x: number; y: number; width: number; height: number }>;
	focus(): Promise<void>;
}

/** JSON values, the only ones that cross into a page and back. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** One tab. */
export interface Page {
	readonly console: readonly ConsoleLine[];
	readonly requests: readonly SeenRequest[];
	goto(url: string): Promise<void>;
	reload(): Promise<void>;
	back(): Promise<void>;
	url(): string;
	/** Runs `fn` in the page; it may return a promise. It sees nothing of the test but its arguments. */
	evaluate<A extends readonly Json[], R>(fn: (...given: A) => R, ...given: A): Promise<Awaited<R>>;
	/** Waits until `fn` is truthy in the page and returns what it was. Fails after `timeoutMs` (10 s when not given). */
	waitFor<A extends readonly Json[], R>(
		fn: (...given: A) => R,
		given?: A,
		options?: { readonly timeoutMs?: number; readonly what?: string },
	): Promise<Awaited<R>>;
	/** Waits for the first node with this role and name. A string must be the whole name. */
	findByRole(role: string, name?: string | RegExp, options?: { readonly timeoutMs?: number }): Promise<Target>;
	/** Waits until no node has this role and name. */
	waitUntilGone(role: string, name?: string | RegExp, options?: { readonly timeoutMs?: number }): Promise<void>;
	/** The accessibility tree, in reading order, without ignored nodes. */
	accessibility(): Promise<readonly AccessibleNode[]>;
	/** A real click on the first element that matches a CSS selector. */
	click(selector: string): Promise<void>;
	/** Real typing into the element that matches. */
	type(selector: string, text: string): Promise<void>;
	/** A key by its DOM name, with modifiers: `Escape`, `Tab`, `Shift+Tab`, `Enter`. */
	press(key: string): Promise<void>;
	/** Types into whatever has the focus. */
	keyboard(text: string): Promise<void>;
	/** Moves the pointer, as when it leaves through the top of the window: `(x, -1)`. */
	moveTo(x: number, y: number): Promise<void>;
	scrollBy(pixels: number): Promise<void>;
	/** An input method shows `text` as being composed in the focused field. */
	compose(text: string): Promise<void>;
	/** A key pressed while composing: the page sees it as part of the composition (`isComposing`, key code 229). */
	pressWhileComposing(key: string): Promise<void>;
	/** The composition ends with `text` in the field. */
	commitComposition(text: string): Promise<void>;
	setNetwork(network: Network): Promise<void>;
	/** From now on requests whose address matches one of the patterns (`*` stands for anything) fail. Replaces earlier patterns. */
	block(patterns: readonly string[]): Promise<void>;
	/** Main thread this many times slower; 1 is normal. */
	slowDown(factor: number): Promise<void>;
	/** Another tab of the same window comes in front: `document.visibilityState` becomes `hidden`. */
	hide(): Promise<void>;
	/** Comes back to the front. */
	show(): Promise<void>;
	/** Writes a PNG of the viewport. */
	screenshot(path: string): Promise<void>;
	/** Closes the tab as a visitor does, so that `pagehide` runs. */
	close(): Promise<void>;
}

/** One visitor: nothing stored, shared by its tabs. */
export interface Context {
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

/** A running browser. */
export interface Session {
	readonly engine: 'chromium' | 'firefox' | 'webkit';
	readonly version: string;
	newContext(options?: ContextOptions): Promise<Context>;
	close(): Promise<void>;
}

/** Starts the browser that `NOREN_BROWSER` names (`chromium` when unset). */
export async function launch(): Promise<Session> {
	const engine = process.env['NOREN_BROWSER'] ?? 'chromium';
	switch (engine) {
		case 'chromium':
			return (await import('./chromium.ts')).launchChromium();
		case 'firefox':
			return (await import('./firefox.ts')).launchFirefox(process.env['NOREN_FIREFOX'] ?? 'firefox-esr');
		case 'webkit':
			return (await import('./webkit.ts')).launchWebKit(process.env['NOREN_WEBKIT'] ?? 'WebKitWebDriver');
		default:
			throw new Unsupported(`there is no driver for ${engine}`);
	}
}
