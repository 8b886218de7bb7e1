/**
 * The driver interface over Firefox: WebDriver BiDi, which Firefox speaks by itself. A visitor is a user context; the visitor's pages are
 * tabs of one window, so that one in front hides the others. The line, language and taste are settings of the whole browser, so a visitor
 * has a browser alone, and the next one with the same taste has it after that.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bidi, Refused } from './bidi.ts';
import type { Answer } from './bidi.ts';
import { Unsupported } from './driver.ts';
import type { ConsoleLine, Context, ContextOptions, Page, Session } from './driver.ts';
import { Leashed, ownFolder } from './leash.ts';
import { Line } from './line.ts';
import { Gone, PlainPage } from './plain.ts';
import type { Source } from './plain.ts';

/** Two at once on a busy machine. */
const START_MS = 60_000;

/** What makes a browser of tests: nothing of its own on the network, nothing asked of a person; no proxy is passed by for loopback. */
const PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
	'app.normandy.enabled': false,
	'app.update.disabledForTesting': true,
	'browser.aboutwelcome.enabled': false,
	'browser.contentblocking.category': 'standard',
	'browser.newtabpage.enabled': false,
	'browser.safebrowsing.downloads.enabled': false,
	'browser.safebrowsing.malware.enabled': false,
	'browser.safebrowsing.phishing.enabled': false,
	'browser.shell.checkDefaultBrowser': false,
	'browser.startup.page': 0,
	'browser.tabs.remote.unloadDelayMs': 0,
	'datareporting.policy.dataSubmissionEnabled': false,
	'dom.disable_open_during_load': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'network.proxy.allow_hijacking_localhost': true,
	'services.settings.server': 'data:,',
	'toolkit.telemetry.enabled': false,
};

interface Running {
	readonly bidi: Bidi;
	readonly line: Line;
	readonly process: Leashed;
	readonly version: string;
	readonly taste: string;
	/** A visitor is in it. */
	taken: boolean;
	/** Of each tab, by the name of its browsing context. */
	readonly consoles: Map<string, ConsoleLine[]>;
}

const tasteOf = ({ language = 'en-US', colorScheme = 'light', reducedMotion = false }: ContextOptions) =>
	JSON.stringify([language, colorScheme, reducedMotion]);

async function start(executable: string, options: ContextOptions): Promise<Running> {
	const { language = 'en-US', colorScheme = 'light', reducedMotion = false } = options;
	const line = await Line.open();
	const [host = '', port = ''] = line.address.split(':');
	const folder = ownFolder();
	const profile = join(folder, 'profile');
	mkdirSync(profile);
	const preferences = {
		...PREFERENCES,
		'intl.accept_languages': language,
		'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1,
		'network.proxy.type': 1,
		'network.proxy.http': host,
		'network.proxy.http_port': Number(port),
		'network.proxy.ssl': host,
		'network.proxy.ssl_port': Number(port),
		'ui.prefersReducedMotion': reducedMotion ? 1 : 0,
	};
	const lines = Object.entries(preferences).map(
		([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
	);
	writeFileSync(join(profile, 'user.js'), lines.join('\n'));
	const words = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'];
	const process = new Leashed(folder, [executable, ...words], { MOZ_DISABLE_CONTENT_SANDBOX: '1', HOME: folder });
	const [, address = ''] = await process.says(/WebDriver BiDi listening on (ws:\S+)/, START_MS);
	const bidi = await Bidi.connect(`${address}/session`);
	const { capabilities } = await bidi.send('session.new', { capabilities: {} });
	await bidi.send('session.subscribe', { events: ['log.entryAdded'] });
	const consoles = new Map<string, ConsoleLine[]>();
	bidi.on('log.entryAdded', ({ type, method, level, text, source }: Answer) =>
		consoles.get(source.context)?.push({ type: type === 'console' ? method : level, text: text ?? '' }),
	);
	const version = `Firefox ${capabilities.browserVersion}`;
	return { bidi, line, process, version, taste: tasteOf(options), taken: false, consoles };
}

/** Starts Firefox; `executable` is the program. */
export async function launchFirefox(executable: string): Promise<Session> {
	const first = await start(executable, {});
	const browsers = [first];
	return {
		engine: 'firefox',
		version: first.version,
		newContext: async (options = {}) => {
			let browser = browsers.find(({ taken, taste }) => !taken && taste === tasteOf(options));
			if (browser === undefined) browsers.push((browser = await start(executable, options)));
			browser.taken = true;
			const { userContext } = await browser.bidi.send('browser.createUserContext');
			return new FirefoxContext(browser, userContext, options);
		},
		close: async () => {
			await Promise.all(browsers.map(({ process, line }) => process.end().then(() => line.close())));
		},
	};
}

class FirefoxContext implements Context {
	readonly #browser: Running;
	readonly #bidi: Bidi;
	readonly #user: string;
	readonly #options: ContextOptions;
	readonly #tabs: string[] = [];

	constructor(browser: Running, user: string, options: ContextOptions) {
		this.#browser = browser;
		this.#bidi = browser.bidi;
		this.#user = user;
		this.#options = options;
	}

	async newPage(): Promise<Page> {
		const context = await this.#tab();
		const { width, height } = this.#options.viewport ?? { width: 1280, height: 800 };
		await this.#bidi.send('browsingContext.setViewport', { context, viewport: { width, height } });
		const console: ConsoleLine[] = [];
		this.#browser.consoles.set(context, console);
		return new FirefoxPage(this.#browser, context, console, () => this.#tab());
	}

	/** A tab in the visitor's window; the first one opens it. */
	async #tab(): Promise<string> {
		const { contexts } = await this.#bidi.send('browsingContext.getTree', { maxDepth: 0 });
		const open = contexts.map((one: Answer) => one.context);
		const beside = this.#tabs.find((tab) => open.includes(tab));
		const { context } = await this.#bidi.send('browsingContext.create', {
			userContext: this.#user,
			...(beside === undefined ? { type: 'window' } : { type: 'tab', referenceContext: beside }),
		});
		this.#tabs.push(context);
		return context;
	}

	async close(): Promise<void> {
		await this.#bidi.send('browser.removeUserContext', { userContext: this.#user });
		this.#browser.line.reset();
		this.#browser.consoles.clear();
		this.#browser.taken = false;
	}
}

class FirefoxPage extends PlainPage {
	readonly console: readonly ConsoleLine[];
	readonly #bidi: Bidi;
	readonly #context: string;
	readonly #newTab: () => Promise<string>;
	/** The blank tab that covers this one while it is hidden. */
	#cover: string | undefined;

	constructor(browser: Running, context: string, console: readonly ConsoleLine[], newTab: () => Promise<string>) {
		super(browser.line);
		this.#bidi = browser.bidi;
		this.#context = context;
		this.console = console;
		this.#newTab = newTab;
	}

	#send(command: string, params: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
		return this.#bidi.send(command, { context: this.#context, ...params });
	}

	async goto(url: string): Promise<void> {
		await this.#send('browsingContext.navigate', { url, wait: 'complete' });
	}

	async reload(): Promise<void> {
		await this.#send('browsingContext.reload', { wait: 'complete' });
	}

	async back(): Promise<void> {
		// The command answers before the traversal has come to its end.
		const shown = this.run(
			`() => new Promise((gone) => addEventListener('pagehide', () => gone(''), { once: true }))`,
			'',
		).catch(() => undefined);
		await this.#send('browsingContext.traverseHistory', { delta: -1 });
		await shown;
		await this.waitFor(() => document.readyState === 'complete', [], { what: 'the page before this one' });
	}

	protected async run(source: string, given: string): Promise<string> {
		let answer: Answer;
		try {
			answer = await this.#bidi.send('script.callFunction', {
				functionDeclaration: source,
				arguments: [{ type: 'string', value: given }],
				target: { context: this.#context },
				awaitPromise: true,
			});
		} catch (error) {
			if (error instanceof Refused && error.code !== 'closed') throw new Gone(error.message);
			throw error;
		}
		if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text);
		return String(answer.result.value);
	}

	protected async perform(actions: readonly Source[]): Promise<void> {
		await this.#send('input.performActions', { actions });
	}

	async hide(): Promise<void> {
		this.#cover ??= await this.#newTab();
		await this.#bidi.send('browsingContext.activate', { context: this.#cover });
		await this.waitFor(() => document.visibilityState === 'hidden', [], { what: 'the page to be hidden' });
	}

	async show(): Promise<void> {
		await this.#send('browsingContext.activate');
		await this.waitFor(() => document.visibilityState === 'visible', [], { what: 'the page to be visible' });
	}

	async screenshot(path: string): Promise<void> {
		if (!path.endsWith('.png')) throw new Unsupported('pictures are PNG');
		const { data } = await this.#send('browsingContext.captureScreenshot');
		writeFileSync(path, Buffer.from(data, 'base64'));
	}

	protected async end(): Promise<void> {
		if (this.#cover !== undefined) await this.#bidi.send('browsingContext.close', { context: this.#cover });
		await this.#send('browsingContext.close', { promptUnload: false });
	}
}
