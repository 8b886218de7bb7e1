// @ts-nocheck: this file runs in the Workers runtime, whose own module has no types here.
/**
 * The least that remembering six events of a visitor can cost on this runtime: a Worker by hand, whose Durable Object parses a batch and
 * writes the rows that Noren writes. It checks nothing, folds nothing and knows no visitor again.
 */
import { DurableObject } from 'cloudflare:workers';

export default {
	/** @param {Request} request @param {any} env */
	fetch(request, env) {
		if (request.method === 'GET') return new Response('ready');
		const device = new URL(request.url).searchParams.get('device');
		return env.FLOOR.get(env.FLOOR.idFromName(device)).fetch(request);
	},
};

export class Floor extends DurableObject {
	/** @param {any} state @param {any} env */
	constructor(state, env) {
		super(state, env);
		this.storage = state.storage;
		const { sql } = this.storage;
		sql.exec('CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)');
		sql.exec(
			'CREATE TABLE IF NOT EXISTS chunk (n INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, body TEXT NOT NULL)',
		);
		const [row] = sql.exec('SELECT body FROM state WHERE id = 0').toArray();
		/** Watermarks, and the last batch as it came: about as many bytes as Noren's state of such a visitor. */
		this.state = row ? JSON.parse(row.body) : { next: 0, streams: {}, last: [] };
	}

	/** @param {Request} request */
	async fetch(request) {
		/** @type {{ streams: { id: string, events: { n: number, at: number }[] }[] }} */
		const asked = await request.json();
		const { state } = this;
		const acks = asked.streams.map(({ id, events }) => ({ id, next: (state.streams[id] = events.at(-1).n + 1) }));
		const events = asked.streams.flatMap((stream) => stream.events);
		state.last = events;
		const at = events.map((event) => event.at);
		const n = state.next++;
		this.storage.transactionSync(() => {
			const { sql } = this.storage;
			const body = JSON.stringify(asked.streams);
			sql.exec(
				'INSERT INTO chunk (n, first_at, last_at, body) VALUES (?, ?, ?, ?)',
				n,
				Math.min(...at),
				Math.max(...at),
				body,
			);
			sql.exec(
				'INSERT INTO state (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
				JSON.stringify(state),
			);
		});
		return Response.json({ v: 1, now: Date.now(), acks });
	}
}
