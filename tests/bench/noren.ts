/**
 * Noren's own agent as the page's host drives it: the same module, the same packed messages, one crossing an event and one for each deadline
 * that its timer would wake it for. The only file here that knows the agent's messages.
 */
import { GATES } from '../../js/agent/gates.ts';
import { pageAttributes } from '../../js/agent/page.ts';
import { instantiate, type Step } from '../../js/agent/wasm.ts';
import type { Contender, Engine, Input } from './contender.ts';
import { newAttributes } from './visits.ts';

const START = 0;
const EVENT = 2;
const VISIBLE = 3;
const LEAVE = 6;
const FACTS = 7;
const ATTRIBUTES = 8;
const TICK = 12;
const SNAPSHOT = 13;

/** Effects. */
const DECISION = 0;
const SNAPSHOT_BYTES = 5;

/** The gate that asks the audience. */
const AUDIENCE = GATES.indexOf('audience');

const UNIT = 'AAAAAAAAAAAAAAAAAAAAAA';

type Effect = readonly [kind: number, ...rest: unknown[]];
type Taken = readonly (readonly [deadline: number | null, ...effects: Effect[]])[];

/** The agent of one page, with what the bench asks of it beside a contender's inputs. */
export interface Agent extends Contender {
	/** Crosses the boundary for nothing. */
	nothing(at: number): void;
	/** The page's end as far as memory is concerned. */
	snapshot(at: number): Uint8Array;
	/** Reads the program anew. */
	start(at: number): void;
}

/** Sets a page's agent up as `js/agent/main.ts` does. `snapshot` is empty for a new visitor. */
export async function agent(program: Uint8Array, snapshot: Uint8Array, wasm: Uint8Array): Promise<Agent> {
	const { step, memory } = await instantiated(wasm);
	let deadline: number | null = null;
	const ask = (...message: unknown[]): Taken[number] => {
		const answer = step(message) as unknown as Taken[number] | string;
		if (typeof answer === 'string') throw new Error(`the agent answers ${String(message[0])} with ${answer}`);
		deadline = answer[0];
		return answer;
	};
	const start = (at: number): void => {
		const { visitor, geo, device, traits, segments } = newAttributes();
		ask(START, at, program, UNIT, snapshot.length ? snapshot : null);
		ask(FACTS, at, { ...visitor, geo, traits, segments });
		ask(ATTRIBUTES, at, 'device', device);
		ask(VISIBLE, at);
	};
	start(0);
	return {
		start,
		nothing: (at) => void ask(TICK, at),
		snapshot(at) {
			const effects = ask(SNAPSHOT, at).slice(1) as Effect[];
			return effects.find(([kind]) => kind === SNAPSHOT_BYTES)![1] as Uint8Array;
		},
		take(input: Input): Taken {
			const taken: Taken[number][] = [];
			const until = input.kind === 'stay' ? input.at : input.at - 1;
			while (deadline !== null && deadline <= until) taken.push(ask(TICK, deadline));
			if (input.kind === 'event') {
				const page = input.name === 'page_view' ? pageAttributes(input.props) : null;
				taken.push(ask(EVENT, input.at, input.name, input.props, input.at, false, page));
			} else if (input.kind === 'leave') taken.push(ask(LEAVE, input.at));
			return taken;
		},
		campaigns: (taken) => (taken as Taken).flatMap(([, ...effects]) => effects.flatMap(opened)).sort((a, b) => a - b),
		wasmBytes: () => memory.buffer.byteLength,
	};
}

/** The page's host keeps the instance to itself, so its memory is looked at on the way. */
async function instantiated(wasm: Uint8Array): Promise<{ step: Step; memory: WebAssembly.Memory }> {
	const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
	const genuine = WebAssembly.instantiate;
	let memory: WebAssembly.Memory | undefined;
	const watched = async (module: WebAssembly.Module, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> => {
		const instance = await genuine(module, imports);
		memory = instance.exports['memory'] as WebAssembly.Memory;
		return instance;
	};
	WebAssembly.instantiate = watched as typeof WebAssembly.instantiate;
	try {
		return { step: await instantiate(module), memory: memory! };
	} finally {
		WebAssembly.instantiate = genuine;
	}
}

/** A decision that opened and whose audience held, whatever became of it afterwards. */
function opened([kind, , campaign, became]: Effect): number[] {
	return kind !== DECISION || became === AUDIENCE ? [] : [Number((campaign as string).slice(1))];
}

export const engine: Engine = {
	publish: (_rules, program) => program,
	async remember(program, past, wasm) {
		const page = await agent(program, new Uint8Array(), wasm);
		for (const input of past) page.take(input);
		return page.snapshot(past.at(-1)!.at);
	},
	create: agent,
};
