/**
 * The edge's side of a conversation, in the page: it stores each client id once, answers as docs/http.md says, and can be cut off, made
 * to lose its answers, or brought back. Sockets have the part of `WebSocket` that widgets use.
 */
interface Stored {
	readonly seq: number;
	readonly at: number;
	readonly who: string;
	readonly name: string;
	readonly text: string;
	readonly cid: string;
}

export class FakeEdge {
	readonly stored: Stored[] = [];
	/** Every frame that clients sent, parsed. */
	readonly heard: Record<string, unknown>[] = [];
	/** While false, connections are refused. */
	up = true;
	/** While false, messages are stored but the acknowledgement is lost. */
	acknowledges = true;
	staffed = true;
	connections = 0;
	readonly #open = new Set<FakeSocket>();

	connect(): WebSocket {
		this.connections += 1;
		const socket = new FakeSocket(this);
		queueMicrotask(() => {
			if (this.up && socket.readyState === 0) {
				this.#open.add(socket);
				socket.opened();
			} else socket.close();
		});
		return socket as unknown as WebSocket;
	}

	/** Cuts all lines; with `stay`, new ones are refused as well. */
	cut(stay: boolean): void {
		this.up = !stay;
		for (const socket of [...this.#open]) socket.close();
	}

	operatorSays(text: string, name = 'Hana'): void {
		this.#store({ who: 'operator', name, text, cid: '' });
	}

	send(frame: object): void {
		for (const socket of this.#open) socket.deliver(frame);
	}

	get connected(): number {
		return this.#open.size;
	}

	gone(socket: FakeSocket): void {
		this.#open.delete(socket);
	}

	take(socket: FakeSocket, data: string): void {
		if (data === 'ping') return;
		const frame = JSON.parse(data) as Record<string, unknown>;
		this.heard.push(frame);
		if (frame['t'] === 'hello') {
			const since = Number(frame['since']);
			socket.deliver({ t: 'history', messages: this.stored.filter(({ seq }) => seq > since), hours: this.staffed });
		}
		if (frame['t'] === 'say') {
			const cid = String(frame['cid']);
			const known = this.stored.find((message) => message.cid === cid);
			const seq = known?.seq ?? this.#store({ who: 'visitor', name: '', text: String(frame['text']), cid }, socket);
			if (this.acknowledges) socket.deliver({ t: 'ack', cid, seq });
		}
	}

	#store(message: Omit<Stored, 'seq' | 'at'>, from?: FakeSocket): number {
		const stored = { ...message, seq: this.stored.length + 1, at: Date.now() };
		this.stored.push(stored);
		for (const socket of this.#open) if (socket !== from) socket.deliver({ t: 'message', message: stored });
		return stored.seq;
	}
}

class FakeSocket extends EventTarget {
	readyState = 0;
	readonly #edge: FakeEdge;

	constructor(edge: FakeEdge) {
		super();
		this.#edge = edge;
	}

	opened(): void {
		this.readyState = 1;
		this.dispatchEvent(new Event('open'));
	}

	send(data: string): void {
		if (this.readyState === 1) queueMicrotask(() => this.#edge.take(this, data));
	}

	deliver(frame: object): void {
		const data = JSON.stringify(frame);
		queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })));
	}

	close(): void {
		if (this.readyState === 3) return;
		this.readyState = 3;
		this.#edge.gone(this);
		queueMicrotask(() => this.dispatchEvent(new Event('close')));
	}
}
