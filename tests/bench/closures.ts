/**
 * What a site could write by hand instead of using any engine: each campaign a closure that keeps its own count. `every` asks all of them at
 * every input; `indexed` asks those that listen to the event's name, which is the limit that everything here is compared with.
 */
import { all, type Roots } from './conditions.ts';
import { fromBytes, toBytes, type Contender, type Engine, type Input } from './contender.ts';
import type { Rule } from './rules.ts';
import { newAttributes, pageOf } from './visits.ts';

/** A pause that ends a session. */
const SESSION_GAP_MS = 30 * 60_000;

type Event = Input & { kind: 'event' };

/** A campaign at work. Every function is harmless when asked about an input that is not the campaign's. */
interface Closure {
	readonly listensTo: string;
	readonly cancel: string | undefined;
	readonly stayMs: number;
	event(event: Event, roots: Roots, session: number): boolean;
	stay(ms: number, roots: Roots, session: number): boolean;
}

function closure(rule: Rule): Closure {
	const audience = all(rule.audience);
	const { trigger, cancel } = rule;
	let silentIn = -1;
	if (trigger.kind === 'dwell') {
		const page = all(trigger.page);
		return {
			listensTo: '',
			cancel,
			stayMs: trigger.ms,
			event(event, _roots, session) {
				if (event.name === cancel) silentIn = session;
				return false;
			},
			stay: (ms, roots, session) => ms === trigger.ms && page(roots) && silentIn !== session && audience(roots),
		};
	}
	const where = all(trigger.where);
	const { event: listensTo, atLeast, withinMs } = trigger;
	let times: number[] = [];
	let countedIn = -1;
	return {
		listensTo,
		cancel,
		stayMs: 0,
		event(event, roots, session) {
			if (event.name === cancel) {
				silentIn = session;
				times = [];
				return false;
			}
			if (event.name !== listensTo || !where(roots)) return false;
			if (withinMs === 'session') {
				if (countedIn !== session) times = [];
				countedIn = session;
			} else {
				while (times.length && times[0]! <= event.at - withinMs) times.shift();
			}
			times.push(event.at);
			if (times.length < atLeast) return false;
			times = [];
			return silentIn !== session && audience(roots);
		},
		stay: () => false,
	};
}

/** Numbers of campaigns by a key; without the key, none. */
function grouped<K>(closures: readonly Closure[], key: (closure: Closure) => K): Map<K, number[]> {
	const groups = new Map<K, number[]>();
	closures.forEach((closure, number) => {
		const group = groups.get(key(closure));
		if (group) group.push(number);
		else groups.set(key(closure), [number]);
	});
	return groups;
}

interface Asked {
	/** Those an event of this name may change. */
	event(name: string): readonly number[];
	/** Those a stay of this length may open. */
	stay(ms: number): readonly number[];
}

function askAll(closures: readonly Closure[]): Asked {
	const everyone = closures.map((_, number) => number);
	return { event: () => everyone, stay: () => everyone };
}

function askIndexed(closures: readonly Closure[]): Asked {
	const byEvent = grouped<string | undefined>(closures, (closure) => closure.listensTo);
	for (const [name, numbers] of grouped(closures, (closure) => closure.cancel)) {
		byEvent.set(name, [...(byEvent.get(name) ?? []), ...numbers]);
	}
	const byStay = grouped(closures, (closure) => closure.stayMs);
	const nobody: number[] = [];
	return { event: (name) => byEvent.get(name) ?? nobody, stay: (ms) => byStay.get(ms) ?? nobody };
}

function contender(
	rules: readonly Rule[],
	past: readonly Input[],
	asked: (closures: readonly Closure[]) => Asked,
): Contender {
	const closures = rules.map(closure);
	const who = asked(closures);
	const roots: Roots = newAttributes();
	let session = 0;
	let last = -Infinity;
	const take = (input: Input): number[] => {
		const open: number[] = [];
		if (input.kind === 'event') {
			if (input.at >= last + SESSION_GAP_MS) session++;
			last = input.at;
			if (input.name === 'page_view') roots.page = pageOf(input.props);
			roots.event = input.props;
			for (const number of who.event(input.name)) {
				if (closures[number]!.event(input, roots, session)) open.push(number);
			}
		} else if (input.kind === 'stay') {
			for (const number of who.stay(input.ms)) {
				if (closures[number]!.stay(input.ms, roots, session)) open.push(number);
			}
		}
		return open;
	};
	for (const input of past) take(input);
	return { take, campaigns: (taken) => taken as number[] };
}

const engine = (asked: (closures: readonly Closure[]) => Asked): Engine => ({
	publish: (rules) => toBytes(rules),
	remember: async (_published, past) => toBytes(past),
	create: async (published, remembered) => contender(fromBytes(published), fromBytes(remembered), asked),
});

export const every = engine(askAll);
export const indexed = engine(askIndexed);
