import { parseFrame, type Incoming, type Outgoing } from './protocol.ts';

/**
 * A line to the edge that mends itself.
 *
 *     idle --start--> connecting --open, hello, history--> open
 *     connecting, open --closed, silent--> waiting --delay or nudge--> connecting
 *     any --stop--> idle
 *
 * Delays double up to a ceiling and are drawn at random from their upper half, so that a crowd which was cut off together does not
 * come back together. A `ping` that gets no word back within ten seconds ends the socket: a dead radio link says nothing by itself.
 */
export type LineState = 'idle' | 'connecting' | 'open' | 'waiting';

/** What the line borrows from its host; tests bring their own. */
export interface LineHost {
	socket(): WebSocket;
	/** Runs later; the returned function takes it back. */
	timer(run: () => void, delayMs: number): () => void;
	/** From 0 to 1, 1 excluded. */
	random(): number;
	/** The `since` of the next hello. */
	since(): number;
	/** A frame arrived. */
	frame(frame: Incoming): void;
	/** The state changed. */
	changed(state: LineState): void;
}

export interface Line {
	start(): void;
	/** Closes for now; `start` takes it up again. */
	stop(): void;
	/** The network or the page came back: do not wait for the rest of the delay. */
	nudge(): void;
	/** Sends when open; says whether it did. */
	send(frame: Outgoing): boolean;
}

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;

/** The delay before attempt number `attempt` (from 0), `random` in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
	const full = Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS);
	return Math.round(full * (0.5 + random / 2));
}

export function createLine(host: LineHost): Line {
	let state: LineState = 'idle';
	let socket: WebSocket | undefined;
	let attempt = 0;
	let cancelTimer = (): void => {};

	const enter = (next: LineState): void => {
		if (next === state) return;
		state = next;
		host.changed(next);
	};
	const after = (delayMs: number, run: () => void): void => {
		cancelTimer();
		cancelTimer = host.timer(run, delayMs);
	};
	const heartbeat = (): void => {
		after(PING_EVERY_MS, () => {
			socket?.send('ping');
			after(PONG_WITHIN_MS, drop);
		});
	};

	/** Lets go of the socket; events of an old socket no longer matter. */
	const release = (): void => {
		cancelTimer();
		const old = socket;
		socket = undefined;
		old?.close();
	};
	const drop = (): void => {
		release();
		enter('waiting');
		after(reconnectDelayMs(attempt++, host.random()), connect);
	};

	const connect = (): void => {
		release();
		enter('connecting');
		try {
			const mine = (socket = host.socket());
			const on = (type: string, run: (event: Event) => void): void =>
				mine.addEventListener(type, (event) => {
					if (socket === mine) run(event);
				});
			const hello = (): void => mine.send(JSON.stringify({ t: 'hello', since: host.since() } satisfies Outgoing));
			if (mine.readyState === 1) hello();
			else on('open', hello);
			on('close', drop);
			on('error', drop);
			on('message', (event) => {
				// Any word proves the line alive.
				heartbeat();
				const frame = parseFrame((event as MessageEvent).data);
				if (!frame) return;
				// A hello that is refused will not be answered any more.
				if (frame.t === 'error' && state === 'connecting') return drop();
				host.frame(frame);
				if (frame.t === 'history') {
					attempt = 0;
					enter('open');
				}
			});
			after(PONG_WITHIN_MS, drop);
		} catch {
			drop();
		}
	};

	return {
		start() {
			if (state === 'idle') connect();
		},
		stop() {
			release();
			enter('idle');
		},
		nudge() {
			if (state !== 'waiting') return;
			attempt = 0;
			connect();
		},
		send(frame) {
			if (state !== 'open' || !socket) return false;
			socket.send(JSON.stringify(frame));
			return true;
		},
	};
}
