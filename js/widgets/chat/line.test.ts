import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLine, reconnectDelayMs, type Line, type LineState } from './line.ts';

class FakeSocket extends EventTarget {
	readyState = 0;
	readonly sent: string[] = [];
	send(data: string): void {
		this.sent.push(data);
	}
	close(): void {
		this.readyState = 3;
	}
	open(): void {
		this.readyState = 1;
		this.dispatchEvent(new Event('open'));
	}
	say(frame: object | string): void {
		const data = typeof frame === 'string' ? frame : JSON.stringify(frame);
		this.dispatchEvent(new MessageEvent('message', { data }));
	}
	drop(): void {
		this.readyState = 3;
		this.dispatchEvent(new Event('close'));
	}
}

/** A line over fake sockets, with a clock that only moves when told. */
class Bench {
	readonly sockets: FakeSocket[] = [];
	readonly states: LineState[] = [];
	readonly frames: string[] = [];
	readonly line: Line;
	refuse = false;
	#now = 0;
	#timers: { at: number; run: () => void }[] = [];

	constructor() {
		this.line = createLine({
			socket: () => {
				if (this.refuse) throw new Error('refused');
				const socket = new FakeSocket();
				this.sockets.push(socket);
				return socket as unknown as WebSocket;
			},
			timer: (run, delayMs) => {
				const timer = { at: this.#now + delayMs, run };
				this.#timers.push(timer);
				return () => (this.#timers = this.#timers.filter((other) => other !== timer));
			},
			random: () => 0.5,
			since: () => 7,
			frame: ({ t }) => this.frames.push(t),
			changed: (state) => this.states.push(state),
		});
	}

	get last(): FakeSocket {
		return this.sockets.at(-1) ?? assert.fail('no socket');
	}

	get timers(): number {
		return this.#timers.length;
	}

	pass(delayMs: number): void {
		this.#now += delayMs;
		for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
			this.#timers = this.#timers.filter((other) => other !== timer);
			timer.run();
		}
	}

	openUp(): void {
		this.last.open();
		this.last.say({ t: 'history', messages: [], hours: true });
	}
}

test('hello asks for what is missing; the line is open when history has come', () => {
	const bench = new Bench();
	bench.line.start();
	assert.equal(bench.line.send({ t: 'typing' }), false, 'nothing is said before history');
	bench.last.open();
	assert.deepEqual(bench.last.sent, ['{"t":"hello","since":7}']);
	bench.last.say({ t: 'history', messages: [], hours: true });
	assert.deepEqual(bench.states, ['connecting', 'open']);
	assert.deepEqual(bench.frames, ['history']);
	assert.equal(bench.line.send({ t: 'typing' }), true);
});

test('delays double to a ceiling and are drawn from their upper half', () => {
	assert.equal(reconnectDelayMs(0, 0), 500);
	assert.equal(reconnectDelayMs(0, 0.999), 1000);
	assert.equal(reconnectDelayMs(3, 0), 4000);
	assert.equal(reconnectDelayMs(50, 0), 15_000);
	assert.equal(reconnectDelayMs(5000, 0.999), 29_985);
});

test('a broken line comes back, later each time, and at once after success', () => {
	const bench = new Bench();
	bench.line.start();
	bench.last.drop();
	bench.pass(749);
	assert.equal(bench.sockets.length, 1);
	bench.pass(1);
	assert.equal(bench.sockets.length, 2);
	bench.last.drop();
	bench.pass(1499);
	assert.equal(bench.sockets.length, 2);
	bench.pass(1);
	bench.openUp();
	bench.last.drop();
	bench.pass(750);
	assert.equal(bench.sockets.length, 4, 'the first delay again');
	assert.deepEqual(bench.states.slice(-3), ['open', 'waiting', 'connecting']);
});

test('a socket that cannot be made counts as broken', () => {
	const bench = new Bench();
	bench.refuse = true;
	bench.line.start();
	assert.deepEqual(bench.states, ['connecting', 'waiting']);
	bench.refuse = false;
	bench.pass(750);
	assert.equal(bench.sockets.length, 1);
});

test('news of the network or the page cuts the wait short, and only the wait', () => {
	const bench = new Bench();
	bench.line.nudge();
	assert.equal(bench.sockets.length, 0);
	bench.line.start();
	bench.line.nudge();
	assert.equal(bench.sockets.length, 1);
	bench.last.drop();
	bench.line.nudge();
	assert.equal(bench.sockets.length, 2);
});

test('silence after a ping ends the socket; any word keeps it', () => {
	const bench = new Bench();
	bench.line.start();
	bench.openUp();
	bench.pass(25_000);
	assert.equal(bench.last.sent.at(-1), 'ping');
	bench.last.say('pong');
	bench.pass(10_000);
	assert.equal(bench.states.at(-1), 'open');
	bench.pass(15_000);
	assert.equal(bench.last.sent.filter((data) => data === 'ping').length, 2);
	bench.pass(10_000);
	assert.equal(bench.states.at(-1), 'waiting');
	assert.equal(bench.last.readyState, 3);
});

test('an edge that takes the socket and says nothing is given up', () => {
	const bench = new Bench();
	bench.line.start();
	bench.last.open();
	bench.pass(10_000);
	assert.equal(bench.states.at(-1), 'waiting');
});

test('a refused hello is not waited for', () => {
	const bench = new Bench();
	bench.line.start();
	bench.last.open();
	bench.last.say({ t: 'error', code: 'internal', message: '' });
	assert.equal(bench.states.at(-1), 'waiting');
});

test('an old socket has no say any more', () => {
	const bench = new Bench();
	bench.line.start();
	const [old] = bench.sockets;
	bench.last.drop();
	bench.pass(750);
	bench.openUp();
	old?.say({ t: 'message', message: { seq: 1, text: 'late' } });
	old?.drop();
	assert.deepEqual(bench.frames, ['history']);
	assert.equal(bench.states.at(-1), 'open');
});

test('stop leaves nothing behind, and start takes it up again', () => {
	const bench = new Bench();
	bench.line.start();
	bench.openUp();
	bench.line.stop();
	assert.equal(bench.timers, 0);
	assert.equal(bench.last.readyState, 3);
	assert.equal(bench.states.at(-1), 'idle');
	bench.line.start();
	assert.equal(bench.sockets.length, 2);
});
