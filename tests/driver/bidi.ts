/** WebDriver BiDi as a socket speaks it: commands with answers, and events. */

/** The browser refused a command; `code` is the protocol's word for why. */
export class Refused extends Error {
	readonly code: string;

	constructor(command: string, code: string, message: string) {
		super(`${command}: ${code}: ${message}`);
		this.code = code;
	}
}

// What an answer holds is the protocol's; whoever sends the command knows its shape.
export type Answer = any;

interface Frame {
	readonly type: 'success' | 'error' | 'event';
	readonly id?: number;
	readonly result?: Answer;
	readonly error?: string;
	readonly message?: string;
	readonly method?: string;
	readonly params?: Answer;
}

export class Bidi {
	readonly #socket: WebSocket;
	readonly #waiting = new Map<
		number,
		{ readonly done: (answer: Answer) => void; readonly failed: (why: Error) => void; readonly command: string }
	>();
	readonly #listeners = new Map<string, (params: Answer) => void>();
	#sent = 0;

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data)) as Frame));
		socket.addEventListener('close', () => {
			for (const { failed, command } of this.#waiting.values())
				failed(new Refused(command, 'closed', 'the browser has gone'));
			this.#waiting.clear();
		});
	}

	static async connect(address: string): Promise<Bidi> {
		const socket = new WebSocket(address);
		await new Promise<void>((resolve, reject) => {
			socket.addEventListener('open', () => resolve(), { once: true });
			socket.addEventListener('error', () => reject(new Error(`no session at ${address}`)), { once: true });
		});
		return new Bidi(socket);
	}

	send(command: string, params: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
		const id = ++this.#sent;
		const answer = new Promise<Answer>((done, failed) => this.#waiting.set(id, { done, failed, command }));
		this.#socket.send(JSON.stringify({ id, method: command, params }));
		return answer;
	}

	/** One listener an event. */
	on(event: string, listener: (params: Answer) => void): void {
		this.#listeners.set(event, listener);
	}

	#hear({ type, id, result, error = '', message = '', method = '', params }: Frame): void {
		if (type === 'event') return this.#listeners.get(method)?.(params);
		const waiting = this.#waiting.get(id ?? 0);
		this.#waiting.delete(id ?? 0);
		if (type === 'success') waiting?.done(result);
		else waiting?.failed(new Refused(waiting.command, error, message));
	}
}
