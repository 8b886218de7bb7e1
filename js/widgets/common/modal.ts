import { h } from '../../shared/dom.ts';
import type { Frame } from './frame.ts';

/**
 * Shows `card` as a modal dialog called `name`. The browser keeps the focus inside and everything else inert.
 *
 * The focus goes to the dialog itself, not to its first button: a visitor who was typing when it came must not press anything by the
 * next Enter or space, and a screen reader reads name and description from the start.
 */
export function openModal(frame: Frame, card: HTMLElement, name: string, description: string | undefined): void {
	const { signal } = frame;
	card.classList.add('card', 'modal');
	card.prepend(frame.closeButton());
	const dialog = h('dialog', { 'aria-label': name, 'aria-describedby': description, tabindex: '-1' }, card);

	// Always ours to decide: an Escape that belongs to an input method arrives here as well in some engines.
	dialog.addEventListener(
		'cancel',
		(event) => {
			event.preventDefault();
			if (!frame.composing()) frame.close('escape');
		},
		{ signal },
	);
	// A second close request in a row may close the dialog without asking.
	dialog.addEventListener('close', () => frame.close('escape'), { signal });

	// A text selection that ends outside of the card makes a click on the backdrop; only one that began there counts.
	let pressed: EventTarget | null = null;
	dialog.addEventListener('pointerdown', ({ target }) => (pressed = target), { signal });
	dialog.addEventListener(
		'click',
		({ target }) => {
			if (target === dialog && pressed === dialog) frame.close('backdrop');
		},
		{ signal },
	);

	frame.wrapper.append(dialog);
	dialog.showModal();
	dialog.focus({ preventScroll: true });
}
