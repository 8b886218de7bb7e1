/**
 * Telling a key for the page from a key for the input method. While Japanese, Chinese or Korean text is being composed, Enter takes a
 * candidate and Escape drops it; neither is meant for us.
 *
 * Engines differ in what they say:
 * - Chromium and Firefox send `keydown` with `isComposing` (and key code 229) before `compositionend`;
 * - Safari sends `compositionend` first, then a `keydown` with key code 229 and `isComposing` false;
 * - some engines let the same Escape go on to a `<dialog>` as `cancel`, an event that carries no key at all.
 * So a guard follows the events and stays up until a key is released, or pressed for the page, after the composition ended.
 */

/** The part of a keyboard event that matters here. */
export interface KeyLike {
	readonly isComposing: boolean;
	readonly keyCode: number;
}

/** True when the key belongs to the input method. */
export function isComposingKey(event: KeyLike): boolean {
	return event.isComposing || event.keyCode === 229;
}

export interface CompositionState {
	/** Between `compositionstart` and `compositionend`. */
	readonly composing: boolean;
	/** The key that ended a composition may still be on its way to a `cancel` event. */
	readonly settling: boolean;
}

export const NOT_COMPOSING: CompositionState = { composing: false, settling: false };

export type CompositionEventKind = 'start' | 'end' | 'key for the input method' | 'key for the page' | 'key up';

/** The state after one event. */
export function compositionStep(state: CompositionState, event: CompositionEventKind): CompositionState {
	switch (event) {
		case 'start':
			return { composing: true, settling: true };
		case 'end':
			return { composing: false, settling: true };
		case 'key for the input method':
			return { ...state, settling: true };
		case 'key for the page':
		case 'key up':
			return { ...state, settling: state.composing };
	}
}

/** Follows the events below `target` until `signal` aborts; the returned function says whether a close request must be ignored now. */
export function watchComposition(target: EventTarget, signal: AbortSignal): () => boolean {
	let state = NOT_COMPOSING;
	const on = (type: string, kind: (event: Event) => CompositionEventKind): void =>
		target.addEventListener(type, (event) => (state = compositionStep(state, kind(event))), { signal, capture: true });
	on('compositionstart', () => 'start');
	on('compositionend', () => 'end');
	on('keyup', () => 'key up');
	on('keydown', (event) => (isComposingKey(event as KeyboardEvent) ? 'key for the input method' : 'key for the page'));
	return () => state.composing || state.settling;
}
