/**
 * A WebSocket that comes back. States:
 *
 *   connecting -> open -> waiting -> connecting -> ...      any state -> closed (by `close`, final)
 *
 * A line can die without a word (a laptop that slept, a wireless net that changed), so an open socket is asked `ping` now and then
 * and given up when nothing is heard in time.
 */

export type LineState = 'connecting' | 'open' | 'waiting' | 'closed';

/** The first wait; each further one doubles, up to the longest. */
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
/** How often an open line is asked, and how long its answer may take. */
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 8_000;

/**
 * How long to wait before try number `attempt` (from 0). Half fixed, half by `chance` in [0, 1): after an edge restarts, its
 * operators do not all knock in the same instant.
 */
export function waitBefore(attempt: number, chance: number): number {
	const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 16));
	return full / 2 + (full / 2) * chance;
}

export interface LineHooks {
	/** The line is up, for the first time or again: say hello, ask for what was missed. */
	readonly opened: () => void;
	/** One frame, parsed. What is not JSON is dropped. */
	readonly frame: (frame: unknown) => void;
	readonly state: (state: LineState) => void;
}

export class Line {
	readonly #address: string;
	readonly #hooks: LineHooks;
	#socket: WebSocket | undefined;
	#state: LineState = 'connecting';
	#attempt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #retryNow = () => this.#reconnectNow();

	/** `path` is on the console's own host. */
	constructor(path: string, hooks: LineHooks) {
		const address = new URL(path, location.href);
		address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
		this.#address = address.href;
		this.#hooks = hooks;
		addEventListener('online', this.#retryNow);
		document.addEventListener('visibilitychange', this.#retryNow);
		this.#connect();
	}

	get open(): boolean {
		return this.#state === 'open';
	}

	/** True when the frame was handed to an open socket; false means: keep it and send it again once `opened` is called. */
	send(frame: object): boolean {
		if (this.#state !== 'open' || this.#socket === undefined) return false;
		this.#socket.send(JSON.stringify(frame));
		return true;
	}

	close(): void {
		this.#enter('closed');
		clearTimeout(this.#timer);
		removeEventListener('online', this.#retryNow);
		document.removeEventListener('visibilitychange', this.#retryNow);
		this.#drop();
	}

	#enter(state: LineState): void {
		if (this.#state === 'closed' || this.#state === state) return;
		this.#state = state;
		this.#hooks.state(state);
	}

	#connect(): void {
		this.#enter('connecting');
		const socket = new WebSocket(this.#address);
		this.#socket = socket;
		socket.onopen = () => {
			this.#attempt = 0;
			this.#enter('open');
			this.#listen();
			this.#hooks.opened();
		};
		socket.onmessage = (event) => {
			this.#listen();
			if (typeof event.data !== 'string' || event.data === 'pong') return;
			let frame: unknown;
			try {
				frame = JSON.parse(event.data);
			} catch {
				return;
			}
			this.#hooks.frame(frame);
		};
		socket.onclose = () => this.#lost();
	}

	/** Something was heard: ask again after a quiet while. */
	#listen(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#socket?.send('ping');
			this.#timer = setTimeout(() => this.#lost(), PONG_WITHIN_MS);
		}, PING_EVERY_MS);
	}

	#lost(): void {
		this.#drop();
		if (this.#state === 'closed') return;
		this.#enter('waiting');
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#connect(), waitBefore(this.#attempt++, Math.random()));
	}

	/** The network came back, or the person did: they should not sit out a long wait. */
	#reconnectNow(): void {
		if (this.#state !== 'waiting' || document.visibilityState !== 'visible') return;
		clearTimeout(this.#timer);
		this.#connect();
	}

	#drop(): void {
		const socket = this.#socket;
		this.#socket = undefined;
		if (socket === undefined) return;
		socket.onopen = socket.onmessage = socket.onclose = null;
		socket.close();
	}
}
