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
	const list = listOf(push);
	if (list ? list[0] !== 'event' : !isMap(push)) return undefined;
	const name = list ? list[1] : (push as { event?: unknown }).event;
	const own = list ? list[2] : push;
	if (!isName(name) || /^gtm\.|^page_view$/.test(name)) return undefined;
	const props: Record<string, unknown> = {};
	for (const source of [isMap(own) && own['ecommerce'], own]) {
		if (!isMap(source)) continue;
		for (const key in source) {
			if (source !== own || !/^(event(Callback|Timeout)?|ecommerce)$|^gtm\./.test(key)) props[key] = source[key];
		}
	}
	return [name, props];
}

/** What Google's consent mode says, as a call. */
export function consentOf(push: unknown): Item | undefined {
	const list = listOf(push);
	return list?.[0] === 'consent' ? { verb: 'gcm', args: [list[2]] } : undefined;
}

/** Whether a name can be an event's. Counted in characters, of which one can be two code units. */
export function isName(name: unknown): name is string {
	return typeof name === 'string' && name !== '' && [...name].length <= NAME_MAX_CHARS;
}

/** An array, or the `arguments` that `gtag` pushes. */
function listOf(push: unknown): ArrayLike<unknown> | undefined {
	return /Ar(ray|guments)]/.test({}.toString.call(push)) ? (push as ArrayLike<unknown>) : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !listOf(value);
}
