// The module the runtime starts: it lends the Rust code behind bindings.js to the runtime's classes.
//
// A panic unwinds into an ordinary error: one request fails, everything else goes on. An abort (memory exhausted, stack overflow)
// cannot unwind: the bindings then start a fresh instance at the next call, and every object that lived in the old instance must be made
// again before it is used, because what its handle pointed to is gone. `life.instanceId` counts the instances.
import { WorkerEntrypoint } from 'cloudflare:workers';
import * as bindings from './bindings.js';

Error.stackTraceLimit = 50;
const life = bindings.__worker_init_state();

class Entrypoint extends WorkerEntrypoint {}
for (const handler of ['fetch', 'scheduled', 'queue', 'email']) {
	if (typeof bindings[handler] === 'function') {
		Entrypoint.prototype[handler] = function (argument) {
			return bindings[handler](argument, this.env, this.ctx);
		};
	}
}
export default Entrypoint;

/** A class for the runtime around the Rust class `Inner`, with the same handlers: the runtime asks which ones exist. */
function durable(Inner) {
	class Durable {
		constructor(state, env) {
			this.remake = () => {
				this.inner = new Inner(state, env);
				this.instance = life.instanceId;
			};
			this.remake();
		}
	}
	for (const name of Object.getOwnPropertyNames(Inner.prototype)) {
		if (name === 'constructor' || name === 'free' || name.startsWith('__')) continue;
		Durable.prototype[name] = function (...given) {
			if (this.instance !== life.instanceId) this.remake();
			return this.inner[name](...given);
		};
	}
	return Durable;
}

// The build adds one exported class for each class that wrangler.jsonc names.
