/**
 * The driver interface over WebKit as Debian has it: WebKitGTK's MiniBrowser behind WebKitWebDriver, which speaks plain WebDriver, on a
 * screen that nobody sees. It is WebKit's engine, not Safari: what only Safari and iOS do is not seen here.
 *
 * A visitor is a browser with a driver and a line of its own. The visitor's pages are windows, because tabs would stay hidden for good; one
 * that comes to the front puts the others down, as a tab would. WebDriver does one thing at a time in one window, hence the queue.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Unsupported } from './driver.ts';
import type { ConsoleLine, Context, ContextOptions, Page, Session } from './driver.ts';
import { Leashed, ownFolder } from './leash.ts';
import { Line } from './line.ts';
import { Gone, PlainPage, poll } from './plain.ts';
import type { Source } from './plain.ts';

const START_MS = 60_000;
/** Room for a desktop's window and what the browser draws around the page. */
const SCREEN = '1600x1200x24';

// What an answer holds is the protocol's; whoever sends the command knows its shape.
type Answer = any;

/** Starts what all visitors share, the screen; `executable` is the driver. */
export async function launchWebKit(executable: string): Promise<Session> {
	const screen = new Leashed(ownFolder(), ['Xvfb', '-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp']);
	const [display = ''] = await screen.says(/^\d+$/, START_MS);
	const open = (options: ContextOptions) => Visitor.open(executable, `:${display}`, options);
	const first = await open({});
	const { version } = first;
	await first.close();
	const visitors = new Set<Visitor>();
	return {
		engine: 'webkit',
		version,
		newContext: async (options = {}) => {
			const visitor = await open(options);
			visitors.add(visitor);
			return visitor;
		},
		close: async () => {
			await Promise.all([...visitors].map((visitor) => visitor.close()));
			await screen.end();
		},
	};
}

/** A port that was free a moment ago: the driver wants to be told one. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** The settings of a desktop, from which WebKit takes a visitor's taste. */
function environment(folder: string, display: string, options: ContextOptions): Record<string, string> {
	const { colorScheme = 'light', reducedMotion = false } = options;
	mkdirSync(join(folder, 'gtk-3.0'));
	const settings = [
		'[Settings]',
		`gtk-application-prefer-dark-theme=${colorScheme === 'dark' ? 1 : 0}`,
		`gtk-enable-animations=${reducedMotion ? 0 : 1}`,
	];
	writeFileSync(join(folder, 'gtk-3.0', 'settings.ini'), settings.join('\n'));
	return {
		DISPLAY: display,
		GDK_BACKEND: 'x11',
		...(colorScheme === 'dark' && { GTK_THEME: 'Adwaita:dark' }),
		HOME: folder,
		LC_ALL: 'C',
		LIBGL_ALWAYS_SOFTWARE: '1',
		NO_AT_BRIDGE: '1',
		XDG_CONFIG_HOME: folder,
	};
}

class Visitor implements Context {
	readonly version: string;
	readonly line: Line;
	readonly #process: Leashed;
	readonly #session: string;
	/** The window that came with the browser stays as it is: with its last window the browser ends. */
	readonly #first: string;
	readonly #viewport: { readonly width: number; readonly height: number };
	readonly #windows = new Set<string>();
	#queue: Promise<unknown> = Promise.resolve();
	#current = '';
	#closed: Promise<void> | undefined;

	private constructor(
		session: string,
		first: string,
		version: string,
		process: Leashed,
		line: Line,
		options: ContextOptions,
	) {
		this.#session = session;
		this.#first = first;
		this.version = version;
		this.#process = process;
		this.line = line;
		this.#viewport = options.viewport ?? { width: 1280, height: 800 };
	}

	static async open(executable: string, display: string, options: ContextOptions): Promise<Visitor> {
		if ((options.language ?? 'en-US') !== 'en-US')
			throw new Unsupported('the language is that of the system, whose others are not installed');
		const folder = ownFolder();
		const env = environment(folder, display, options);
		const port = await freePort();
		const driver = `http://127.0.0.1:${port}`;
		const process = new Leashed(folder, [executable, `--port=${port}`], env);
		await poll(START_MS, 'WebKitWebDriver', async () =>
			fetch(`${driver}/status`).then(
				({ ok }) => ok,
				() => false,
			),
		);
		const line = await Line.open();
		const proxy = { proxyType: 'manual', httpProxy: line.address, sslProxy: line.address };
		const made = await call(driver, 'POST', '/session', { capabilities: { alwaysMatch: { proxy } } });
		const version = `WebKitGTK ${made.capabilities.browserVersion}`;
		const session = `${driver}/session/${made.sessionId}`;
		const first = await call(session, 'GET', '/window', {});
		return new Visitor(session, first, version, process, line, options);
	}

	async newPage(): Promise<Page> {
		const { handle } = await this.send(this.#first, 'POST', '/window/new', { type: 'window' });
		this.#windows.add(handle);
		await this.toFront(handle);
		return new WebKitPage(this, handle);
	}

	/** A command in a window. */
	send(window: string, method: string, path: string, body: object = {}): Promise<Answer> {
		const turn = this.#queue.then(async () => {
			if (window !== this.#current) {
				await call(this.#session, 'POST', '/window', { handle: window });
				this.#current = window;
			}
			return call(this.#session, method, path, body);
		});
		this.#queue = turn.catch(() => undefined);
		return turn;
	}

	async toFront(window: string): Promise<void> {
		for (const other of this.#windows) if (other !== window) await this.send(other, 'POST', '/window/minimize');
		const size = () =>
			this.send(window, 'POST', '/execute/sync', { script: 'return [innerWidth, innerHeight]', args: [] });
		const wanted = { ...this.#viewport };
		// What the browser draws around a page is known once the window has a size.
		const rect = await this.send(window, 'POST', '/window/rect', wanted);
		const [width, height] = (await size()) as [number, number];
		if (width === wanted.width && height === wanted.height) return;
		await this.send(window, 'POST', '/window/rect', {
			width: wanted.width + rect.width - width,
			height: wanted.height + rect.height - height,
		});
	}

	async closeWindow(window: string): Promise<void> {
		this.#windows.delete(window);
		await this.send(window, 'DELETE', '/window');
		this.#current = '';
	}

	close(): Promise<void> {
		this.#closed ??= this.#process.end().then(() => this.line.close());
		return this.#closed;
	}
}

class WebKitPage extends PlainPage {
	readonly #visitor: Visitor;
	readonly #window: string;

	constructor(visitor: Visitor, window: string) {
		super(visitor.line);
		this.#visitor = visitor;
		this.#window = window;
	}

	get console(): readonly ConsoleLine[] {
		throw new Unsupported('WebKitWebDriver tells nothing of the console');
	}

	#send(method: string, path: string, body?: object): Promise<Answer> {
		return this.#visitor.send(this.#window, method, path, body);
	}

	async goto(url: string): Promise<void> {
		await this.#send('POST', '/url', { url });
	}

	async reload(): Promise<void> {
		await this.#send('POST', '/refresh');
	}

	async back(): Promise<void> {
		await this.#send('POST', '/back');
		await this.waitFor(() => document.readyState === 'complete', [], { what: 'the page before this one' });
	}

	protected async run(source: string, given: string): Promise<string> {
		try {
			const script = `return (${source})(arguments[0]);`;
			return String(await this.#send('POST', '/execute/sync', { script, args: [given] }));
		} catch (error) {
			if (error instanceof Refused && error.code !== 'javascript error') throw new Gone(error.message);
			throw error;
		}
	}

	protected async perform(actions: readonly Source[]): Promise<void> {
		await this.#send('POST', '/actions', { actions });
	}

	async hide(): Promise<void> {
		await this.#send('POST', '/window/minimize');
		await this.waitFor(() => document.visibilityState === 'hidden', [], { what: 'the page to be hidden' });
	}

	async show(): Promise<void> {
		await this.#visitor.toFront(this.#window);
		await this.waitFor(() => document.visibilityState === 'visible', [], { what: 'the page to be visible' });
	}

	async screenshot(path: string): Promise<void> {
		if (!path.endsWith('.png')) throw new Unsupported('pictures are PNG');
		writeFileSync(path, Buffer.from(await this.#send('GET', '/screenshot'), 'base64'));
	}

	protected async end(): Promise<void> {
		await this.#visitor.closeWindow(this.#window);
	}
}

/** The driver refused a command; `code` is WebDriver's word for why. */
class Refused extends Error {
	readonly code: string;

	constructor(command: string, code: string, message: string) {
		super(`${command}: ${code}: ${message}`);
		this.code = code;
	}
}

async function call(base: string, method: string, path: string, body: object): Promise<Answer> {
	const response = await fetch(base + path, { method, ...(method === 'POST' && { body: JSON.stringify(body) }) });
	const { value } = (await response.json()) as { value: Answer };
	if (response.ok) return value;
	throw new Refused(`${method} ${path}`, String(value?.error), String(value?.message));
}
