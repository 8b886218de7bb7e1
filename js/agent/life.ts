/**
 * Everything that outlives one call hangs on a life: listeners, timers, what must be undone. When it ends, by `shutdown` or because
 * something inside Noren failed, all of it goes at once and the page is as if we had never been there.
 */
export interface Life {
	/** A listener on something of the page's; passive, so that it can never delay a scroll. */
	_listen(target: EventTarget, type: string, run: (event: never) => void): void;
	/** Runs once after a while. The answer stops it. */
	_later(run: () => unknown, ms: number): () => void;
	/** Runs something of ours; a failure ends the life and never reaches the caller. */
	_guard<T>(run: () => T): T | undefined;
	/** What to do at the end. */
	_undo(run: () => void): void;
	_end(error?: unknown): void;
	_over(): boolean;
}

/** `setTimeout` counts in 32 bits; a longer wait would come at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** `failed` hears the error that ends it, if one does, while everything still stands; it must not throw. */
export function createLife(failed: (error: unknown) => void): Life {
	const abort = new AbortController();
	const timers = new Set<ReturnType<typeof setTimeout>>();
	const undo: (() => void)[] = [];
	let ending = false;
	const life: Life = {
		_listen(target, type, run) {
			target.addEventListener(type, (event) => life._guard(() => run(event as never)), {
				passive: true,
				capture: true,
				signal: abort.signal,
			});
		},
		_later(run, ms) {
			const timer = setTimeout(
				() => {
					timers.delete(timer);
					life._guard(run);
				},
				Math.min(Math.max(ms, 0), TIMER_MAX_MS),
			);
			timers.add(timer);
			return () => {
				timers.delete(timer);
				clearTimeout(timer);
			};
		},
		_guard(run) {
			try {
				if (!life._over()) return run();
			} catch (error) {
				life._end(error);
			}
			return undefined;
		},
		_undo(run) {
			undo.push(run);
		},
		_end(error) {
			if (ending) return;
			ending = true;
			if (error !== undefined) failed(error);
			abort.abort();
			timers.forEach(clearTimeout);
			for (const run of undo.reverse()) {
				try {
					run();
				} catch {
					// The others still have to be undone.
				}
			}
		},
		_over: () => abort.signal.aborted,
	};
	return life;
}
