/**
 * Checking and explaining in this browser: the edge's own functions as WebAssembly, so that a check while somebody types takes no
 * network. Until it is loaded, and where it cannot be, the caller asks the edge.
 */
import type { CheckAnswer, Document } from './types.ts';

interface Exports {
	readonly memory: WebAssembly.Memory;
	alloc(length: number): number;
	call(at: number, length: number): number;
}

/** One question as JSON text, answered as JSON text. Throws when the module traps. */
export type Call = (message: string) => string;

/** Sets a module up. */
export async function instantiate(bytes: BufferSource): Promise<Call> {
	const { instance } = await WebAssembly.instantiate(bytes, {});
	const wasm = instance.exports as unknown as Exports;
	return (message) => {
		const encoded = new TextEncoder().encode(message);
		const at = wasm.alloc(encoded.length);
		// Memory may have grown with `alloc`, and may again with `call`: each view is made when it is used.
		new Uint8Array(wasm.memory.buffer, at, encoded.length).set(encoded);
		const answer = wasm.call(at, encoded.length);
		const length = new DataView(wasm.memory.buffer).getUint32(answer, true);
		return new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, answer + 4, length));
	};
}

export type Load = () => Promise<Call>;

const fromEdge: Load = async () => {
	const response = await fetch(__EDITOR_WASM__, { credentials: 'same-origin' });
	if (!response.ok) throw new Error(`the editor's module answers ${response.status}`);
	return instantiate(await response.arrayBuffer());
};

export class Editor {
	readonly #load: Load;
	#call: Call | undefined;
	#asked = false;

	constructor(load: Load = fromEdge) {
		this.#load = load;
	}

	/**
	 * What the edge would answer under that document of the site, or undefined: not loaded yet, cannot be loaded, or a document that the edge refuses as a whole. The
	 * first call begins to load; a failure is final for this page.
	 */
	check(campaigns: readonly Document[], site: Document): CheckAnswer | undefined {
		if (!this.#asked) {
			this.#asked = true;
			this.#load().then(
				(call) => (this.#call = call),
				(cause: unknown) => console.info('Noren checks campaigns at the edge:', cause),
			);
		}
		if (this.#call === undefined) return undefined;
		try {
			const answer = JSON.parse(this.#call(JSON.stringify({ op: 'check', campaigns, site }))) as
				CheckAnswer | { code: string };
			return 'code' in answer ? undefined : answer;
		} catch (cause) {
			// A module that trapped once is in no state to be asked again.
			this.#call = undefined;
			console.info('Noren checks campaigns at the edge:', cause);
			return undefined;
		}
	}
}
