/** What a page hands over is looked at once, at the door: plain JSON from here on, a copy that later changes on the page do not reach. */

/** Largest event in characters of JSON; past it only its plain members are kept. The edge takes 32 KB an event. */
const PROPS_MAX_CHARS = 2e4;
/** Longest text kept of an event that was too large. */
const TEXT_MAX_CHARS = 1e3;

/**
 * Properties as plain JSON. Where the whole cannot be written as JSON (a cycle, an element of the page) or is too large, the numbers,
 * short texts and truth values at its top are kept.
 */
export function clean(props: object): Record<string, unknown> {
	try {
		const json = JSON.stringify(props);
		if (json.length < PROPS_MAX_CHARS) return JSON.parse(json) as Record<string, unknown>;
	} catch {
		// A cycle, a BigInt, a getter of the page's that throws.
	}
	return Object.fromEntries(
		Object.entries(props).filter(([, value]) => /^[bns]/.test(typeof value) && !(value.length > TEXT_MAX_CHARS)),
	);
}
