/**
 * What every library needs beside itself: it answers a rule about values, so somebody has to count. Written by hand, behind an index by
 * event name, the same for all of them; its time is part of theirs. A rule then reads `counts[NUMBER]`, `cancelled.EVENT` and `stay.ms`.
 */
import { all, type Condition, type Roots } from './conditions.ts';
import { fromBytes, toBytes, type Attributes, type Contender, type Engine, type Input } from './contender.ts';
import type { Clause, Rule, Test } from './rules.ts';
import { newAttributes, pageOf } from './visits.ts';

const SESSION_GAP_MS = 30 * 60_000;

/** What a library sees at one input. */
export interface Context extends Attributes {
	/** By campaign: how often what it counts has happened since its number was last reached. */
	readonly counts: number[];
	/** By event: whether it has happened in this session. */
	readonly cancelled: { [event: string]: boolean };
	/** The length of the stay that is up at this input; 0 at an event. */
	readonly stay: { ms: number };
}

/** A rule's parts in the order that is cheapest for a library that stops at the first that fails. */
export function clauses(rule: Rule, number: number): Clause[] {
	const { trigger, cancel } = rule;
	const list: Clause[] =
		trigger.kind === 'count'
			? [{ path: `counts.${number}`, op: 'gte', value: trigger.atLeast }]
			: [{ path: 'stay.ms', op: 'eq', value: trigger.ms }, ...trigger.page];
	if (cancel) list.push({ path: `cancelled.${cancel}`, op: 'eq', value: false });
	return [...list, ...rule.audience];
}

/** What is counted for one campaign. */
interface Counted {
	readonly number: number;
	readonly cancel: string | undefined;
	readonly event: string;
	readonly where: readonly Test[];
	readonly atLeast: number;
	readonly withinMs: number | 'session';
}

interface Counter extends Counted {
	readonly passes: Condition;
	times: number[];
	countedIn: number;
}

class History {
	readonly context: Context;
	readonly #byEvent = new Map<string, Counter[]>();
	readonly #byCancel = new Map<string, Counter[]>();
	#reached: Counter[] = [];
	#session = 0;
	#last = -Infinity;

	constructor(counted: readonly Counted[], campaigns: number) {
		const cancelled = { purchase: false, sign_up: false, generate_lead: false };
		this.context = { ...newAttributes(), counts: new Array<number>(campaigns).fill(0), cancelled, stay: { ms: 0 } };
		const add = (to: Map<string, Counter[]>, key: string, counter: Counter): void => {
			if (to.has(key)) to.get(key)!.push(counter);
			else to.set(key, [counter]);
		};
		for (const one of counted) {
			const counter = { ...one, passes: all(one.where), times: [], countedIn: -1 };
			add(this.#byEvent, one.event, counter);
			if (one.cancel) add(this.#byCancel, one.cancel, counter);
		}
	}

	/** Brings the context up to an input. */
	take(input: Input): void {
		const { context } = this;
		this.#start();
		context.stay.ms = input.kind === 'stay' ? input.ms : 0;
		if (input.kind !== 'event') return;
		if (input.at >= this.#last + SESSION_GAP_MS) {
			this.#session++;
			for (const event in context.cancelled) context.cancelled[event] = false;
		}
		this.#last = input.at;
		if (input.name === 'page_view') context.page = pageOf(input.props);
		if (input.name in context.cancelled) {
			context.cancelled[input.name] = true;
			for (const counter of this.#byCancel.get(input.name) ?? []) this.#empty(counter);
		}
		const roots: Roots = { ...context, event: input.props };
		for (const counter of this.#byEvent.get(input.name) ?? [])
			if (counter.passes(roots)) this.#count(counter, input.at);
	}

	/** What the last input brought to its number begins anew. */
	#start(): void {
		for (const counter of this.#reached) this.#empty(counter);
		this.#reached = [];
	}

	#empty(counter: Counter): void {
		counter.times = [];
		this.context.counts[counter.number] = 0;
	}

	#count(counter: Counter, at: number): void {
		const { withinMs, times } = counter;
		if (withinMs === 'session') {
			if (counter.countedIn !== this.#session) counter.times = [];
			counter.countedIn = this.#session;
		} else {
			while (times.length && times[0]! <= at - withinMs) times.shift();
		}
		counter.times.push(at);
		this.context.counts[counter.number] = counter.times.length;
		if (counter.times.length >= counter.atLeast) this.#reached.push(counter);
	}
}

/** Answers for every rule of the published list, in a library's own words; a promise, where the library gives one. */
export type Answer = ((context: Context) => unknown) & { memory?: WebAssembly.Memory };

/** A library as an engine: `translate` writes a rule in its words, `compile` makes what answers all of them. */
export function library<Words>(
	translate: (clauses: readonly Clause[], rule: Rule, number: number) => Words,
	compile: (rules: readonly Words[], wasm: Uint8Array) => Answer | Promise<Answer>,
	numbers: (answer: unknown) => number[] = (answer) => answer as number[],
): Engine {
	interface Published {
		readonly counted: Counted[];
		readonly rules: Words[];
	}
	return {
		publish(rules) {
			const counted = rules.flatMap(({ trigger, cancel }, number): Counted[] =>
				trigger.kind === 'count' ? [{ ...trigger, number, cancel }] : [],
			);
			return toBytes({ counted, rules: rules.map((rule, n) => translate(clauses(rule, n), rule, n)) } as Published);
		},
		remember: async (_published, past) => toBytes(past),
		async create(published, remembered, wasm): Promise<Contender> {
			const { counted, rules } = fromBytes<Published>(published);
			const answer = await compile(rules, wasm);
			const history = new History(counted, rules.length);
			for (const input of fromBytes<Input[]>(remembered)) history.take(input);
			return {
				take(input) {
					history.take(input);
					return input.kind === 'leave' ? undefined : answer(history.context);
				},
				...(answer.memory ? { wasmBytes: () => answer.memory!.buffer.byteLength } : {}),
				campaigns: (taken) => (taken === undefined ? [] : numbers(taken)),
			};
		},
	};
}

/** Asks one predicate a rule. */
export const each =
	(predicates: readonly ((context: Context) => unknown)[]): Answer =>
	(context) => {
		const open: number[] = [];
		for (let number = 0; number < predicates.length; number++) {
			if (predicates[number]!(context) === true) open.push(number);
		}
		return open;
	};
