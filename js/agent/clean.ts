/** What a page hands over is looked at once, at the door: plain JSON from here on, a copy that later changes on the page do not reach. */

/** Largest event in characters of JSON; past it only its plain members are kept. The edge takes 32 KB an event. */
const PROPS_MAX_CHARS = 20_000;
/** Longest plain text kept of an event that was too large. */
const TEXT_MAX_CHARS = 1_000;

/** Properties as plain JSON. What cannot be written as JSON (a cycle, a huge list, an element of the page) is left out. */
export function clean(props: object | undefined): Record<string, unknown> {
	try {
		const json = JSON.stringify(props) || '{}';
		if (json.length <= PROPS_MAX_CHARS) return JSON.parse(json) as Record<string, unknown>;
	} catch {
		// A cycle, a BigInt, a getter of the page's that throws.
	}
	const plain: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(props || {}).slice(0, 100)) {
		if (/^(num|boo)/.test(typeof value)) plain[key] = value;
		if (typeof value === 'string') plain[key] = value.slice(0, TEXT_MAX_CHARS);
	}
	return plain;
}
