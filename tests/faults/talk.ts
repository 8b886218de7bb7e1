/** One side of a conversation over a network that cuts sockets: what was not acknowledged is said again, what was missed is asked for. */
import assert from 'node:assert/strict';
import type { Random } from '../random.ts';

/** Between two attempts to connect, and between two things said, ms. */
const PAUSE_MS = 250;

interface Message {
	readonly seq: number;
	readonly who: string;
	readonly text: string;
	readonly cid: string;
}

export interface TalkerOptions {
	readonly who: 'visitor' | 'operator';
	/** Of the socket, from the network's side. */
	readonly address: string;
	readonly protocols: readonly string[];
	readonly headers: Readonly<Record<string, string>>;
	readonly chance: Random;
}

export class Talker {
	/** What was said, in order. */
	readonly said: string[] = [];
	/** What came, by its number. */
	readonly heard = new Map<number, Message>();
	/** Sockets that were opened. */
	connections = 0;
	readonly #options: TalkerOptions;
	#acknowledged = 0;
	#since = 0;

	constructor(options: TalkerOptions) {
		this.#options = options;
	}

	/** Talks until `over`, then until everything that was said is acknowledged. */
	async talk(over: () => boolean): Promise<void> {
		while (!over() || this.#acknowledged < this.said.length) {
			await this.#connect(over);
			await new Promise((resolve) => setTimeout(resolve, this.#options.chance.below(PAUSE_MS)));
		}
	}

	/** One socket, from its opening to its end. */
	#connect(over: () => boolean): Promise<void> {
		const { address, protocols, headers, chance } = this.#options;
		// Node's WebSocket takes headers; the type of the browser's does not know them.
		const socket = new WebSocket(address, { protocols, headers } as unknown as string[]);
		const say = (place: number): void =>
			socket.send(JSON.stringify({ t: 'say', cid: `c-${place}`, text: this.said[place] }));
		return new Promise((resolve, reject) => {
			let timer: ReturnType<typeof setTimeout> | undefined;
			const speak = (): void => {
				if (over()) {
					if (this.#acknowledged === this.said.length) socket.close();
					return;
				}
				// Two in one breath: their order must not depend on the first one's answer.
				for (let i = chance.below(2); i >= 0; i--) {
					this.said.push(`${this.#options.who} ${this.said.length}`);
					say(this.said.length - 1);
				}
				timer = setTimeout(speak, chance.below(PAUSE_MS));
			};
			socket.addEventListener('open', () => {
				this.connections++;
				socket.send(JSON.stringify({ t: 'hello', since: this.#since }));
				for (let place = this.#acknowledged; place < this.said.length; place++) say(place);
				speak();
			});
			socket.addEventListener('message', ({ data }) => {
				try {
					this.#take(JSON.parse(String(data)));
					if (over() && this.#acknowledged === this.said.length) socket.close();
				} catch (error) {
					reject(error as Error);
					socket.close();
				}
			});
			// One that never opened has no end of its own.
			for (const end of ['error', 'close']) {
				socket.addEventListener(end, () => {
					clearTimeout(timer);
					resolve();
				});
			}
		});
	}

	#take(frame: any): void {
		if (frame.t === 'ack') {
			const place = Number(String(frame.cid).slice(2));
			assert.ok(place <= this.#acknowledged, `c-${place} before c-${this.#acknowledged}`);
			this.#acknowledged = Math.max(this.#acknowledged, place + 1);
		} else if (frame.t === 'history') {
			for (const message of frame.messages as Message[]) this.#hear(message);
		} else if (frame.t === 'message') {
			this.#hear(frame.message);
		} else {
			assert.notEqual(frame.t, 'error', JSON.stringify(frame));
		}
	}

	#hear(message: Message): void {
		const known = this.heard.get(message.seq);
		if (known !== undefined) assert.equal(message.text, known.text, 'one number, two messages');
		this.heard.set(message.seq, message);
		// The end of the unbroken run: what comes live may overtake the history that was asked for.
		while (this.heard.has(this.#since + 1)) this.#since++;
	}
}
