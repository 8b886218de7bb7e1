/**
 * What answers `noren('why')`, fetched by who asks: the module with the words for it, which lies beside this file. It is the agent's own module
 * once more, so whatever sets that up is handed in.
 */
import type { instantiate } from './wasm.ts';

/** A message of crates/agent, `step.rs`. */
const TRACE = 14;

/**
 * Every campaign's gates, with the value each saw, as the snapshot has them at `at` (corrected Unix ms); empty where the module has no answer.
 *
 * # Errors
 * Where the module does not come or cannot run.
 */
export async function explain(
	start: typeof instantiate,
	at: number,
	program: Uint8Array | null,
	device: string,
	snapshot: unknown,
): Promise<unknown> {
	const module = fetch(new URL('why.wasm', import.meta.url), { credentials: 'omit' });
	const step = await start(await WebAssembly.compileStreaming(module));
	const answer = step([TRACE, at, program, device, snapshot]) as readonly unknown[];
	return (answer[1] as readonly unknown[] | undefined)?.[1] ?? [];
}
