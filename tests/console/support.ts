/** The console in a browser, and the other people of these tests: visitors who write, colleagues who publish. */
import { randomBytes } from 'node:crypto';
import type { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import type { ContextOptions, Page, Session } from '../driver/driver.ts';

/** A small campaign that the edge takes. */
export function campaign(id: string, more: Readonly<Record<string, unknown>> = {}) {
	return {
		id,
		name: { en: `Test ${id}`, ja: `試験 ${id}` },
		trigger: { on: 'add_to_cart' },
		control: 10,
		variants: [
			{
				id: 'a',
				weight: 100,
				action: {
					kind: 'bar',
					body: { en: 'Hello', ja: 'こんにちは' },
					buttons: [{ label: { en: 'Close', ja: '閉じる' }, action: 'close' }],
				},
			},
		],
		goal: { on: 'purchase', within: '7d', value: 'value' },
		...more,
	};
}

/** Opens the sign-in link as the owner does and waits until the room's heading is there. */
export async function signIn(edge: Edge, browser: Session, options: ContextOptions = {}): Promise<Page> {
	const context = await browser.newContext(options);
	const page = await context.newPage();
	await page.goto(`${edge.url}/noren/console/#token=${edge.token}`);
	await page.waitFor(() => document.querySelector('.frame main h1') !== null, [], { what: 'the console inside' });
	return page;
}

/** Goes to a room by its address. */
export async function goTo(page: Page, room: string): Promise<void> {
	await page.evaluate((hash) => {
		location.hash = `#/${hash}`;
	}, room);
	const name = room.split('/')[0] ?? '';
	await page.waitFor((room) => document.querySelector(`main.${room} h1`) !== null, [name], {
		what: `the room ${room}`,
	});
}

/** Text of the page's main part. */
export function mainText(page: Page): Promise<string> {
	return page.evaluate(() => document.querySelector('main')?.textContent ?? '');
}

/** Waits until the main part says it. */
export async function says(page: Page, text: string, timeoutMs?: number): Promise<void> {
	await page.waitFor((wanted) => document.querySelector('main')?.textContent?.includes(wanted) === true, [text], {
		what: `the page to say ${text}`,
		...(timeoutMs === undefined ? {} : { timeoutMs }),
	});
}

/** Replaces the whole document in the open editor by real key presses. */
export async function writeDocument(page: Page, text: string): Promise<void> {
	await page.evaluate(() => {
		document.querySelector('.editor')?.shadowRoot?.querySelector<HTMLElement>('.cm-content')?.focus();
	});
	await page.press('Control+a');
	await page.press('Delete');
	// Typed as one input, as a paste is: brackets are not closed again by the editor.
	await page.commitComposition(text);
}

/** The text in the open editor. Long documents are drawn only in part, so it is asked from what will be published. */
export function editorText(page: Page): Promise<string> {
	return page.evaluate(() => {
		const lines = document.querySelector('.editor')?.shadowRoot?.querySelectorAll('.cm-line') ?? [];
		return [...lines].map((line) => line.textContent).join('\n');
	});
}

/** A browser that was never here. */
function mint(): { readonly device: string; readonly key: string } {
	return { device: randomBytes(16).toString('base64url'), key: randomBytes(32).toString('base64url') };
}

/** What a visitor's page reports, a new one's unless said, as the agent sends it: each event `{name, props}`, in order, now. */
export async function report(
	edge: Edge,
	events: readonly { readonly name: string; readonly props?: Readonly<Record<string, unknown>> }[],
	device = mint(),
): Promise<void> {
	const now = Date.now();
	const answer = await fetch(`${edge.url}/noren/v1/sync?site=demo`, {
		method: 'POST',
		headers: { 'Content-Type': 'text/plain', Origin: edge.url },
		body: JSON.stringify({
			v: 1,
			site: 'demo',
			...device,
			epoch: 0,
			generation: 0,
			sent_at: now,
			program: '',
			facts: false,
			streams: [
				{
					id: mint().device,
					from: 0,
					done: true,
					events: events.map((event, n) => ({ n, at: now - events.length + n, ...event })),
				},
			],
		}),
	});
	if (answer.status !== 200) throw new Error(`sync: ${answer.status} ${await answer.text()}`);
}

/** A visitor's end of a conversation, as the chat widget has it, but for the widget. */
export class Writer {
	readonly #own = mint();
	readonly #edge: Edge;
	readonly heard: Record<string, unknown>[] = [];
	#socket: WebSocket | undefined;

	constructor(edge: Edge) {
		this.#edge = edge;
	}

	get device(): string {
		return this.#own.device;
	}

	/** Opens a page. */
	async visits(path: string): Promise<void> {
		const props = { page_location: this.#edge.url + path, page_path: path };
		await report(this.#edge, [{ name: 'page_view', props }, { name: 'click' }], this.#own);
	}

	async open(): Promise<void> {
		const address = `${this.#edge.url.replace('http', 'ws')}/noren/v1/chat?site=demo&device=${this.device}`;
		// Node's WebSocket takes headers beside the protocols; the browser's type does not know them.
		const options = { protocols: ['noren.1', this.#own.key], headers: { Origin: this.#edge.url } };
		const socket = new WebSocket(address, options as unknown as string[]);
		this.#socket = socket;
		socket.addEventListener('message', (event) => this.heard.push(JSON.parse(String(event.data))));
		await new Promise<void>((resolve, reject) => {
			socket.addEventListener('open', () => resolve(), { once: true });
			socket.addEventListener('error', () => reject(new Error('the visitor’s chat did not open')), { once: true });
		});
		socket.send(JSON.stringify({ t: 'hello', since: 0 }));
	}

	/** Says something and waits until it is stored. */
	async say(text: string): Promise<void> {
		const cid = randomBytes(8).toString('hex');
		this.#socket?.send(JSON.stringify({ t: 'say', cid, text }));
		await until(`“${text}” to be stored`, () =>
			this.heard.some((frame) => frame['t'] === 'ack' && frame['cid'] === cid),
		);
	}

	/** Waits until the operator's words arrive, and answers how often they did. */
	async hears(text: string): Promise<number> {
		const count = () => {
			const messages = this.heard.flatMap((frame) =>
				frame['t'] === 'history'
					? (frame['messages'] as Record<string, unknown>[])
					: [frame['message'] as Record<string, unknown>],
			);
			return messages.filter((message) => message?.['text'] === text && message['who'] === 'operator').length;
		};
		await until(`the visitor to hear “${text}”`, () => count() > 0);
		return count();
	}

	close(): void {
		this.#socket?.close();
	}
}
