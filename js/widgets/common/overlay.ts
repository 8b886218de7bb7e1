import { h } from '../../shared/dom.ts';
import type { Frame } from './frame.ts';
import { isComposingKey } from './composition.ts';

/** Long enough for a screen reader to know the region before words arrive in it. */
const ANNOUNCE_AFTER_MS = 300;

/**
 * Shows `card` over the page without taking the focus: a landmark called `name` that says `announcement` once, politely. Escape closes
 * it only while the focus is inside; elsewhere the key is the page's.
 */
export function openOverlay(frame: Frame, card: HTMLElement, name: string, announcement: string): void {
	const status = h('div', { class: 'sr', role: 'status' });
	card.classList.add('card');
	card.setAttribute('role', 'region');
	card.setAttribute('aria-label', name);
	card.prepend(frame.closeButton());
	card.addEventListener(
		'keydown',
		(event) => {
			if (event.key === 'Escape' && !isComposingKey(event)) frame.close('escape');
		},
		{ signal: frame.signal },
	);
	frame.wrapper.append(card, status);
	frame.later(() => status.append(announcement), ANNOUNCE_AFTER_MS);
}
