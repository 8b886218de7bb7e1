/** Between two questions. */
const ASK_EVERY_MS = 40;

type Falsy = false | null | undefined | 0 | '';

/**
 * Asks until the answer is truthy and returns it. For what only time brings about: a counter at the edge, a file on disk.
 * Fails after `timeoutMs` (10 s when not given) with `what` and the last answer or error.
 */
export async function until<T>(
	what: string,
	ask: () => T | Promise<T>,
	options: { readonly timeoutMs?: number } = {},
): Promise<Exclude<Awaited<T>, Falsy>> {
	const { timeoutMs = 10_000 } = options;
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		let last: unknown;
		try {
			const answer = await ask();
			if (answer) return answer as Exclude<Awaited<T>, Falsy>;
			last = answer;
		} catch (error) {
			last = error;
		}
		if (performance.now() > deadline) {
			const shown = last instanceof Error ? last.message : JSON.stringify(last);
			throw new Error(`waited ${timeoutMs} ms in vain for: ${what}; last: ${shown}`);
		}
		await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
	}
}
