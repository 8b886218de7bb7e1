/** Something asked from the edge, with its waiting and failing told the same way in every room. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/http.ts';
import { asApiError } from '../app/session.ts';
import { t } from '../words/index.ts';
import { Trouble } from './trouble.tsx';

export interface Loaded<Value> {
	readonly value: Value | undefined;
	readonly error: ApiError | undefined;
	readonly busy: boolean;
	readonly reload: () => void;
}

/**
 * Ask when `key` changes, and every `everyMs` while the page is in front. The last good answer stays while a newer one is awaited
 * and also when that fails: an old figure with a note says more than an empty page.
 */
export function useAsked<Value>(ask: () => Promise<Value>, key: string, everyMs?: number): Loaded<Value> {
	const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError; busy: boolean }>({
		key,
		busy: true,
	});
	const turn = useRef(0);
	const asked = useRef(ask);
	asked.current = ask;
	const reload = useCallback(() => {
		const mine = ++turn.current;
		setState((was) => ({ ...(was.key === key ? was : {}), key, busy: true }));
		asked.current().then(
			(value) => {
				if (mine === turn.current) setState({ key, value, busy: false });
			},
			(cause: unknown) => {
				if (mine === turn.current) setState((was) => ({ ...was, key, error: asApiError(cause), busy: false }));
			},
		);
	}, [key]);
	useEffect(() => {
		reload();
		const timer =
			everyMs === undefined
				? undefined
				: setInterval(() => {
						if (document.visibilityState === 'visible') reload();
					}, everyMs);
		return () => {
			clearInterval(timer);
			turn.current += 1;
		};
	}, [reload, everyMs]);
	const current = state.key === key ? state : { key, busy: true };
	return { value: current.value, error: current.error, busy: current.busy, reload };
}

export function Waiting() {
	return (
		<p class="waiting" role="status">
			<span class="spinner" aria-hidden="true" />
			{t('loading')}
		</p>
	);
}

/** The value once there is one; before that waiting or trouble; after that trouble stands above the older value. */
export function Shown<Value>({
	loaded,
	children,
}: {
	loaded: Loaded<Value>;
	children: (value: Value) => ComponentChildren;
}) {
	return (
		<>
			{loaded.error === undefined ? null : <Trouble error={loaded.error} onRetry={loaded.reload} />}
			{loaded.value === undefined ? loaded.error === undefined ? <Waiting /> : null : children(loaded.value)}
		</>
	);
}
