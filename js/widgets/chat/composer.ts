import { h } from '../../shared/dom.ts';
import { isComposingKey } from '../common/composition.ts';
import type { chatWords } from '../common/words.ts';
import { MESSAGE_MAX } from './protocol.ts';

/** What a key in the message field means. Enter sends; with Shift or Alt it breaks the line; while composing it takes a candidate. */
export function isSendKey(event: {
	readonly key: string;
	readonly shiftKey: boolean;
	readonly altKey: boolean;
	readonly isComposing: boolean;
	readonly keyCode: number;
}): boolean {
	return event.key === 'Enter' && !event.shiftKey && !event.altKey && !isComposingKey(event);
}

export interface Composer {
	readonly element: HTMLElement;
	readonly field: HTMLTextAreaElement;
}

/** The message field and its button. `send` gets the trimmed, non-empty text; `changed` follows every edit. */
export function createComposer(
	words: (typeof chatWords)['en'],
	draft: string,
	signal: AbortSignal,
	send: (text: string) => void,
	changed: (text: string) => void,
): Composer {
	const field = h('textarea', {
		rows: '1',
		'aria-label': words.field,
		'aria-describedby': 'hint',
		placeholder: words.placeholder,
		maxlength: String(MESSAGE_MAX),
		enterkeyhint: 'send',
		autocomplete: 'off',
	});
	field.value = draft;
	const grow = (): void => {
		field.style.height = 'auto';
		// The border is not part of scrollHeight.
		field.style.height = `${field.scrollHeight + 2}px`;
	};
	const submit = (): void => {
		const text = field.value.trim();
		if (text) {
			field.value = '';
			grow();
			changed('');
			send(text);
		}
		field.focus({ preventScroll: true });
	};
	const button = h('button', { class: 'b1', type: 'button' }, words.send);
	button.addEventListener('click', submit, { signal });
	field.addEventListener(
		'input',
		() => {
			grow();
			changed(field.value);
		},
		{ signal },
	);
	field.addEventListener(
		'keydown',
		(event) => {
			if (!isSendKey(event)) return;
			event.preventDefault();
			submit();
		},
		{ signal },
	);
	const element = h('div', { class: 'write' }, field, button, h('span', { id: 'hint', hidden: '' }, words.hint));
	if (draft) requestAnimationFrame(grow);
	return { element, field };
}
