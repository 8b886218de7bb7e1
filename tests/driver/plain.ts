/**
 * A page behind a driver that can run a function in it and perform WebDriver's input actions, and no more: the part of the interface that
 * Firefox and WebKit share. Requests are seen and hindered on the visitor's line (`line.ts`), roles and names by `inside.ts`.
 */
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { Unsupported } from './driver.ts';
import type { AccessibleNode, ConsoleLine, Json, Network, Page, SeenRequest, Target } from './driver.ts';
import type { Deed, Found, Wanted } from './inside.ts';
import type { Line } from './line.ts';

const PATIENCE_MS = 10_000;
/** Between two looks at a page. */
const LOOK_EVERY_MS = 30;

/** The page went away, or is going: whoever only looks, looks again at the next one. */
export class Gone extends Error {}

/** WebDriver's names for keys that are no character (its table of normalised key values). */
const KEYS: Readonly<Record<string, string>> = {
	Backspace: '\uE003',
	Tab: '\uE004',
	Enter: '\uE007',
	Shift: '\uE008',
	Control: '\uE009',
	Alt: '\uE00A',
	Escape: '\uE00C',
	End: '\uE010',
	Home: '\uE011',
	ArrowLeft: '\uE012',
	ArrowUp: '\uE013',
	ArrowRight: '\uE014',
	ArrowDown: '\uE015',
	Delete: '\uE017',
	F8: '\uE038',
};

/** One entry of WebDriver's `actions`; both protocols have the same. */
export interface Source {
	readonly type: 'key' | 'pointer' | 'wheel';
	readonly id: string;
	readonly parameters?: { readonly pointerType: 'mouse' };
	readonly actions: readonly Readonly<Record<string, string | number>>[];
}

/** `inside.ts` and what it needs, as one statement that defines `inside`. */
const INSIDE = buildSync({
	entryPoints: [fileURLToPath(new URL('inside.ts', import.meta.url))],
	bundle: true,
	minify: true,
	format: 'iife',
	globalName: 'inside',
	target: 'es2022',
	charset: 'utf8',
	write: false,
}).outputFiles[0]?.text;

export abstract class PlainPage implements Page {
	abstract readonly console: readonly ConsoleLine[];
	readonly #line: Line;
	#url = 'about:blank';

	constructor(line: Line) {
		this.#line = line;
	}

	/** Runs a function, given as its source and one string, in the page; the string it promises. Throws `Gone` where the page is not there. */
	protected abstract run(source: string, given: string): Promise<string>;
	protected abstract perform(sources: readonly Source[]): Promise<void>;
	protected abstract end(): Promise<void>;
	abstract goto(url: string): Promise<void>;
	abstract reload(): Promise<void>;
	abstract back(): Promise<void>;
	abstract hide(): Promise<void>;
	abstract show(): Promise<void>;
	abstract screenshot(path: string): Promise<void>;

	/** All of the visitor's: the line does not know tabs. */
	get requests(): readonly SeenRequest[] {
		return this.#line.requests;
	}

	/** As of the last time that something ran in the page. */
	url(): string {
		return this.#url;
	}

	async evaluate<A extends readonly Json[], R>(fn: (...given: A) => R, ...given: A): Promise<Awaited<R>> {
		return (await this.#ask(String(fn), given)) as Awaited<R>;
	}

	async #ask(source: string, given: readonly unknown[]): Promise<unknown> {
		// What is not JSON, as the window itself is not, comes back as nothing.
		const whole = `async (given) => {
			const value = await (${source})(...JSON.parse(given));
			try { return JSON.stringify({ at: location.href, value }); } catch { return JSON.stringify({ at: location.href }); }
		}`;
		const { at, value } = JSON.parse(await this.run(whole, JSON.stringify(given))) as { at: string; value?: unknown };
		this.#url = at;
		return value;
	}

	async waitFor<A extends readonly Json[], R>(
		fn: (...given: A) => R,
		given?: A,
		options: { readonly timeoutMs?: number; readonly what?: string } = {},
	): Promise<Awaited<R>> {
		const { timeoutMs = PATIENCE_MS, what = String(fn) } = options;
		return (await poll<unknown>(timeoutMs, what, () => this.#ask(String(fn), given ?? []))) as Awaited<R>;
	}

	#meet(wanted: Wanted, deed: Deed): Promise<Found | null> {
		const source = `(wanted, deed) => { ${INSIDE}; return inside.meet(wanted, deed); }`;
		return this.#ask(source, [wanted, deed]) as Promise<Found | null>;
	}

	async findByRole(
		role: string,
		name?: string | RegExp,
		options: { readonly timeoutMs?: number } = {},
	): Promise<Target> {
		const wanted = byRole(role, name);
		const what = `${role} ${name === undefined ? '' : String(name)}`;
		const met = (deed: Deed) => poll(options.timeoutMs ?? PATIENCE_MS, what, () => this.#meet(wanted, deed));
		await met('look');
		return {
			click: () => this.#press(wanted, what),
			text: async () => (await met('look')).text,
			focus: async () => void (await met('focus')),
			box: async () => {
				const { x, y, width, height } = await met('look');
				return { x, y, width, height };
			},
		};
	}

	async waitUntilGone(
		role: string,
		name?: string | RegExp,
		options: { readonly timeoutMs?: number } = {},
	): Promise<void> {
		const wanted = byRole(role, name);
		const what = `no ${role} ${name === undefined ? '' : String(name)}`;
		await poll(options.timeoutMs ?? PATIENCE_MS, what, async () => (await this.#meet(wanted, 'look')) === null);
	}

	async accessibility(): Promise<readonly AccessibleNode[]> {
		return (await this.#ask(`() => { ${INSIDE}; return inside.tree(); }`, [])) as AccessibleNode[];
	}

	async click(selector: string): Promise<void> {
		await this.#press({ selector }, selector);
	}

	/** Waits until the element stands still and may be pressed, as a person does, and presses its middle. */
	async #press(wanted: Wanted, what: string): Promise<void> {
		let before = '';
		const { x, y, width, height } = await poll(PATIENCE_MS, `${what} to press`, async () => {
			const found = await this.#meet(wanted, 'reveal');
			if (found === null || found.disabled || found.width === 0 || found.height === 0) return undefined;
			const now = JSON.stringify([found.x, found.y, found.width, found.height]);
			const still = now === before;
			before = now;
			return still ? found : undefined;
		});
		await this.perform([
			pointer(
				{ type: 'pointerMove', duration: 0, x: Math.round(x + width / 2), y: Math.round(y + height / 2) },
				{ type: 'pointerDown', button: 0 },
				{ type: 'pointerUp', button: 0 },
			),
		]);
	}

	async type(selector: string, text: string): Promise<void> {
		await this.click(selector);
		await this.keyboard(text);
	}

	async press(key: string): Promise<void> {
		const values = key.split('+').map((name) => KEYS[name] ?? name);
		await this.perform([
			keys(
				...values.map((value) => ({ type: 'keyDown', value })),
				...values.reverse().map((value) => ({ type: 'keyUp', value })),
			),
		]);
	}

	async keyboard(text: string): Promise<void> {
		const strokes = [...text].flatMap((value) => [
			{ type: 'keyDown', value },
			{ type: 'keyUp', value },
		]);
		await this.perform([keys(...strokes)]);
	}

	async moveTo(x: number, y: number): Promise<void> {
		if (y < 0 || x < 0) throw new Unsupported('WebDriver keeps the pointer inside of the window');
		await this.perform([pointer({ type: 'pointerMove', duration: 0, x, y })]);
	}

	async scrollBy(pixels: number): Promise<void> {
		const turn = { type: 'scroll', x: 10, y: 10, deltaX: 0, deltaY: pixels, duration: 0, origin: 'viewport' };
		await this.perform([{ type: 'wheel', id: 'wheel', actions: [turn] }]);
	}

	async compose(): Promise<void> {
		throw new Unsupported('WebDriver has no input method');
	}

	async pressWhileComposing(): Promise<void> {
		throw new Unsupported('WebDriver has no input method');
	}

	async commitComposition(): Promise<void> {
		throw new Unsupported('WebDriver has no input method');
	}

	async slowDown(): Promise<void> {
		throw new Unsupported('this engine has no slower main thread');
	}

	async setNetwork(network: Network): Promise<void> {
		if (network.bytesPerSecond !== undefined) throw new Unsupported('the line has no narrow places');
		this.#line.setNetwork(this, network);
	}

	async block(patterns: readonly string[]): Promise<void> {
		this.#line.block(this, patterns);
	}

	async close(): Promise<void> {
		await this.end();
		this.#line.forget(this);
	}
}

function byRole(role: string, name: string | RegExp | undefined): Wanted {
	if (name === undefined) return { role };
	return name instanceof RegExp ? { role, name: name.source, flags: name.flags } : { role, name };
}

function keys(...actions: Source['actions']): Source {
	return { type: 'key', id: 'keyboard', actions };
}

function pointer(...actions: Source['actions']): Source {
	return { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions };
}

/** Looks again until `look` gives something truthy; a page that is going is looked at again when it has gone. */
export async function poll<R>(
	timeoutMs: number,
	what: string,
	look: () => Promise<R | null | undefined | false>,
): Promise<R> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		let last = '';
		try {
			const found = await look();
			if (found) return found;
		} catch (error) {
			if (!(error instanceof Gone)) throw error;
			last = `; ${error.message}`;
		}
		if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}${last}`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
	}
}
