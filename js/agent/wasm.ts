/** The step of crates/agent: one packed value in, one out. */
import { decode, encode, type Packed } from './packed.ts';
import { searcher } from './regex.ts';
import { versionKey } from './version.ts';

export type Step = (message: readonly unknown[]) => Packed;

interface Exports {
	readonly memory: WebAssembly.Memory;
	alloc(length: number): number;
	step(at: number, length: number): number;
}

/** One for all modules of a page: what is too slow for one is not tried again by the other. */
const search = searcher();

/**
 * Sets the module up; a page whose policy forbids WebAssembly makes this fail, and it is tried once a page view, because in some
 * browsers each attempt sends a report to the site.
 *
 * # Errors
 * Whatever `WebAssembly.instantiate` rejects with. A `Step` throws when the module traps.
 */
export async function instantiate(module: WebAssembly.Module): Promise<Step> {
	const bytesAt = (at: number, length?: number): Uint8Array => new Uint8Array(wasm.memory.buffer, at, length);
	const textAt = (at: number, length: number): string => new TextDecoder().decode(bytesAt(at, length));
	const env = {
		regex(pattern: number, patternLength: number, subject: number, subjectLength: number, fold: number): number {
			return search(textAt(pattern, patternLength), fold, textAt(subject, subjectLength));
		},
		lower(text: number, length: number, version: number): number {
			const given = textAt(text, length);
			const lower = new TextEncoder().encode(version ? versionKey(given) : given.toLowerCase());
			const at = wasm.alloc(lower.length + 4);
			new DataView(wasm.memory.buffer).setUint32(at, lower.length, true);
			bytesAt(at + 4, lower.length).set(lower);
			return at;
		},
	};
	const instance = await WebAssembly.instantiate(module, { env });
	const wasm = instance.exports as unknown as Exports;
	return (message) => {
		const bytes = encode(message);
		const at = wasm.alloc(bytes.length);
		bytesAt(at, bytes.length).set(bytes);
		// The answer says by itself where it ends.
		return decode(bytesAt(wasm.step(at, bytes.length)));
	};
}
