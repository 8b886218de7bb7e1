/**
 * A version as text that compares by code units in version order, as `version_key` of crates/program has it: the page has words for texts that
 * would weigh twice as much in the wasm.
 */
export function versionKey(version: string): string {
	const parts = (version || '0').replace(/^v|\+[^]*/g, '').split(/[-.]/);
	// A release comes after its pre-releases.
	if (parts.length === 3) parts.push('~');
	return parts.map((part) => (/^\d+$/.test(part) ? part.padStart(5) : part)).join('-');
}
