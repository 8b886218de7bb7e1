/** What every contender is to the bench, and what it is told. */
import type { Rule } from './rules.ts';

export type Properties = { readonly [name: string]: string | number };

/** What happens to a visitor: an event of the page, a stay that has lasted so long on this page, or the end of the page. */
export type Input =
	| { readonly kind: 'event'; readonly at: number; readonly name: string; readonly props: Properties }
	| { readonly kind: 'stay'; readonly at: number; readonly ms: number }
	| { readonly kind: 'leave'; readonly at: number };

/** The thirty attributes, in their roots. `page` is the page's own and replaced by each page view. */
export interface Attributes {
	readonly visitor: { readonly [name: string]: number };
	readonly geo: { readonly [name: string]: string };
	readonly device: { readonly [name: string]: string | number | boolean };
	readonly traits: { readonly [name: string]: string | number | boolean };
	readonly segments: readonly string[];
	page: { readonly [name: string]: string | number };
}

/** One engine at work for one visitor. */
export interface Contender {
	/** Takes one input; what comes back is kept as it is and read by `campaigns` when no clock runs. */
	take(input: Input): unknown;
	/** The numbers of the campaigns whose trigger and audience were true at that input. */
	campaigns(taken: unknown): number[];
	/** Bytes of WebAssembly memory it holds. */
	wasmBytes?(): number;
}

/**
 * One engine. `publish` and `remember` run ahead of every clock, as a server and an earlier page would have done; `create` is what a page
 * has to do before its first event, and is timed in a fresh process.
 */
export interface Engine {
	/** The rules in the form the engine reads. */
	publish(rules: readonly Rule[], program: Uint8Array): Uint8Array;
	/** What the visitor's earlier inputs left behind, in the form the engine reads. */
	remember(published: Uint8Array, past: readonly Input[], wasm: Uint8Array): Promise<Uint8Array>;
	/** Reads both and is ready for the next input. `wasm` is the engine's own module, where it has one. */
	create(published: Uint8Array, remembered: Uint8Array, wasm: Uint8Array): Promise<Contender>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const toBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));
export const fromBytes = <T>(bytes: Uint8Array): T => JSON.parse(decoder.decode(bytes)) as T;
