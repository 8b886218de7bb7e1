import { h } from '../../shared/dom.ts';
import type { chatWords } from '../common/words.ts';
import type { Conversation } from './conversation.ts';
import { linkParts } from './linkParts.ts';
import type { Message } from './protocol.ts';

type Words = (typeof chatWords)['en'];

/** How near to the end the visitor must be for new messages to scroll into view, in pixels. */
const NEAR_END_PX = 60;

export interface Log {
	readonly element: HTMLElement;
	/** Says that there is something new below; hidden while there is not. */
	readonly newer: HTMLButtonElement;
	/** Draws what changed. `connected` words the state of what is not stored yet. */
	render(conversation: Conversation, connected: boolean): void;
	/** From here on additions are read out; until then it is history. */
	speakUp(): void;
	toEnd(): void;
}

/**
 * The list of messages. Elements are kept by client id, else by number, and only what changed is touched: a list drawn anew would be
 * read out anew.
 */
export function createLog(words: Words, language: string, signal: AbortSignal): Log {
	const list = h('ol');
	const element = h(
		'div',
		{ class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': words.log, tabindex: '0' },
		h('p', { class: 'hello' }, words.welcome),
		list,
	);
	const newer = h('button', { class: 'b1 newer', type: 'button', hidden: '' }, `↓ ${words.newer}`);
	const items = new Map<string, HTMLElement>();
	const nearEnd = (): boolean => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
	const toEnd = (): void => {
		element.scrollTop = element.scrollHeight;
		newer.hidden = true;
	};
	element.addEventListener('scroll', () => nearEnd() && (newer.hidden = true), { signal, passive: true });
	newer.addEventListener('click', toEnd, { signal });

	return {
		element,
		newer,
		toEnd,
		speakUp: () => element.setAttribute('aria-live', 'polite'),
		render({ messages, pending }, connected) {
			const follow = nearEnd();
			let added: Message['who'] | undefined;
			const waiting = pending.map((said): Message => ({ ...said, seq: 0, who: 'visitor', name: '' }));
			[...messages, ...waiting].forEach((message, place) => {
				const key = message.cid || String(message.seq);
				let item = items.get(key);
				if (!item) {
					items.set(key, (item = drawMessage(message, words)));
					added = message.who;
				}
				if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
				const state = message.seq ? clock(message.at, language) : connected ? words.sending : words.waiting;
				const meta = item.lastElementChild;
				if (meta && meta.textContent !== state) meta.textContent = state;
			});
			if (follow || added === 'visitor') toEnd();
			else if (added) newer.hidden = false;
		},
	};
}

function drawMessage({ who, name, text }: Message, words: Words): HTMLElement {
	const speaker = who === 'visitor' ? words.you : who === 'operator' ? name || words.staff : '';
	return h(
		'li',
		{ class: { visitor: 'me', operator: '', system: 'note' }[who] },
		// Who speaks is plain to the eye by side and colour; the operator's name is worth showing.
		speaker && h('span', { class: who === 'operator' ? 'meta' : 'sr' }, speaker),
		h(
			'div',
			{ class: 'say', dir: 'auto' },
			...linkParts(text).map((part) =>
				part.href === undefined
					? part.text
					: h('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer' }, part.text),
			),
		),
		h('span', { class: 'meta', 'aria-live': 'off' }),
	);
}

/** The time, with the date when it was not today. */
function clock(at: number, language: string): string {
	const time = new Date(at);
	const today = time.toDateString() === new Date().toDateString();
	return new Intl.DateTimeFormat(language, {
		...(today ? {} : { month: 'short', day: 'numeric' }),
		hour: 'numeric',
		minute: '2-digit',
	}).format(time);
}
