import type { Item } from '../agent/handover.ts';

/** An event's name and properties. */
export type Meaning = [name: string, props: Record<string, unknown>];

/** Longest event name in characters; the same bound as `NAME_MAX_CHARS` of the event room. */
const NAME_MAX_CHARS = 100;

/**
 * The event that a `dataLayer` push stands for: the twin of `noren_event::data_layer::event_of`, which the command line and the edge use.
 * It is here a second time because a push must be understood before the WebAssembly is there, and where it is blocked; a fixture that
 * both sides read holds them together.
 */
export function eventOf(push: unknown): Meaning | undefined {
	if (typeof push !== 'object' || push === null) return undefined;
	const list = push as ArrayLike<unknown>;
	const isCall = list[0] === 'event' && (Array.isArray(push) || isArguments(push));
	const own = (isCall ? list[2] : push) as Record<string, unknown> | undefined;
	const name = isCall ? list[1] : Array.isArray(push) || isArguments(push) ? undefined : own?.['event'];
	if (typeof name !== 'string' || !isName(name) || /^gtm\.|^page_view$/.test(name)) return undefined;
	const props: Record<string, unknown> = {};
	for (const source of [own?.['ecommerce'], own]) {
		if (typeof source !== 'object' || source === null || Array.isArray(source)) continue;
		for (const [key, value] of Object.entries(source)) {
			if (source !== own || !/^(event|ecommerce|eventCallback|eventTimeout)$|^gtm\./.test(key)) props[key] = value;
		}
	}
	return [name, props];
}

/** What Google's consent mode says, as a call. */
export function consentOf(push: unknown): Pick<Item, 'verb' | 'args'> | undefined {
	if (!isArguments(push) && !Array.isArray(push)) return undefined;
	return (push as ArrayLike<unknown>)[0] === 'consent'
		? { verb: 'gcm', args: [(push as ArrayLike<unknown>)[2]] }
		: undefined;
}

/** Whether a name can be an event's. */
export function isName(name: unknown): name is string {
	return (
		typeof name === 'string' && name !== '' && (name.length <= NAME_MAX_CHARS || [...name].length <= NAME_MAX_CHARS)
	);
}

/** `gtag` pushes its `arguments` object. */
function isArguments(value: unknown): boolean {
	return Object.prototype.toString.call(value) === '[object Arguments]';
}
