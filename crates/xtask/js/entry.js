// @ts-nocheck: this file is completed by the build, beside bindings that exist only then.
//
// The module the runtime starts: it lends the Rust code behind bindings.js to the runtime's classes.
//
// A panic unwinds into an ordinary error: one request fails, everything else goes on. An abort (memory exhausted, stack overflow)
// cannot unwind. The bindings then start a fresh instance, but only at the next call, and they call it with whatever handle they were
// given; so before each call `renewed` lets them do it, every object that lived in the old instance is made again, and every request
// that was waiting in the old instance is failed, because nothing will ever answer it.
import { WorkerEntrypoint } from 'cloudflare:workers';
import * as bindings from './bindings.js';

Error.stackTraceLimit = 50;

/** `instanceId` counts the instances. */
const life = bindings.__worker_init_state();
let instance = life.instanceId;

/** How to fail each request that waits in the current instance. */
const waiting = new Set();

/** The number of a living instance. Any call makes the bindings replace an aborted one; this one does nothing else. */
function renewed() {
	bindings.__worker_init_state();
	if (instance !== life.instanceId) {
		instance = life.instanceId;
		const lost = [...waiting];
		waiting.clear();
		for (const fail of lost) fail(new Error('the Worker had to be restarted'));
	}
	return instance;
}
// An abort outside of a call, in a continuation, surfaces only here.
addEventListener('error', renewed);
addEventListener('unhandledrejection', renewed);

/** The answer of the instance, or an error should it die before. */
function orLost(answer) {
	if (typeof answer?.then !== 'function') return answer;
	return new Promise((resolve, reject) => {
		waiting.add(reject);
		answer.then(resolve, reject).finally(() => waiting.delete(reject));
	});
}

/** What the platform bills, counted since this isolate began: a development server tells it (`measure`), and the cost of a page view is made of it. */
const counted = {
	requests: 0,
	object_requests: 0,
	alarms: 0,
	messages: 0,
	alarms_set: 0,
	rows_read: 0,
	rows_written: 0,
};
const billed = { fetch: 'object_requests', alarm: 'alarms', webSocketMessage: 'messages' };

class Entrypoint extends WorkerEntrypoint {}
for (const handler of ['fetch', 'scheduled', 'queue', 'email']) {
	if (typeof bindings[handler] === 'function') {
		Entrypoint.prototype[handler] = function (argument) {
			renewed();
			counted.requests += 1;
			return orLost(bindings[handler](argument, this.env, this.ctx));
		};
	}
}
export default Entrypoint;

/**
 * What costs the Rust code many calls over its boundary, each with values to be wrapped and let go again, is one call here: asking another
 * object and running a statement are most of what a request does (`worker/src/host.rs`).
 */
globalThis.norenHost = {
	/** Asks the object that `binding` knows by `name`, which is an id where `byId` says so: its status, and its answer as text. */
	async ask(env, binding, name, byId, address, body) {
		const namespace = env[binding];
		const stub = byId ? namespace.get(namespace.idFromString(name)) : namespace.getByName(name);
		const response = await stub.fetch(address, { method: 'POST', body });
		return [response.status, await response.text()];
	},

	/** Runs a statement: its rows, each a list of values, and behind them how many rows were written. */
	exec(storage, statement, parameters) {
		const cursor = storage.sql.exec(statement, ...parameters);
		const rows = [...cursor.raw()];
		const { rowsRead, rowsWritten } = cursor;
		counted.rows_read += rowsRead;
		counted.rows_written += rowsWritten;
		rows.push(rowsWritten);
		return rows;
	},

	/** An alarm was set, which is billed as a row. */
	armed() {
		counted.alarms_set += 1;
	},

	counted: () => JSON.stringify(counted),
};

/** A class for the runtime around the Rust class `Inner`, with the same handlers: the runtime asks which ones exist. */
function durable(Inner) {
	class Durable {
		constructor(state, env) {
			this.make = () => new Inner(state, env);
			this.instance = renewed();
			this.inner = this.make();
		}
	}
	for (const name of Object.getOwnPropertyNames(Inner.prototype)) {
		if (name === 'constructor' || name === 'free' || name.startsWith('__')) continue;
		const bills = billed[name];
		Durable.prototype[name] = function (...given) {
			if (bills) counted[bills] += 1;
			if (this.instance !== renewed()) {
				this.instance = instance;
				this.inner = this.make();
			}
			return orLost(this.inner[name](...given));
		};
	}
	return Durable;
}

// The build adds one exported class for each class that wrangler.jsonc names.
