import { h } from '../../shared/dom.ts';
import type { WidgetContext } from '../../shared/widget.ts';
import type { Frame } from '../common/frame.ts';
import { chatWords, fill, wordsIn } from '../common/words.ts';
import { createComposer } from './composer.ts';
import {
	EMPTY,
	type Conversation,
	heldUpTo,
	loadPending,
	markRead,
	receive,
	say,
	storePending,
	unread,
} from './conversation.ts';
import { createLine, type LineState } from './line.ts';
import { createLog } from './log.ts';
import type { Incoming } from './protocol.ts';

/** At most one "is typing" goes out in this time, and one that came in stands this long. */
const TYPING_EVERY_MS = 3_000;
const TYPING_STANDS_MS = 6_000;

/** Names under which the panel keeps things in the widget's memory. */
const DRAFT = 'chat.draft';
const PENDING = 'chat.pending';
const READ = 'chat.read';

export interface Panel {
	readonly element: HTMLElement;
	/** Shows it after it was minimised, or the first time. */
	show(takeFocus: boolean): void;
	/** Out of sight; messages go on arriving. */
	hide(): void;
	/** The conversation has begun, or something is waiting to be said. */
	underWay(): boolean;
	/** The visitor is in the field or has words in it. */
	writing(): boolean;
	/** Last rites: cancels what the frame's signal does not reach. */
	leave(): void;
}

/** `arrived` is told of the number unseen whenever it changes, and who spoke last. */
export function createPanel(
	frame: Frame,
	context: WidgetContext,
	title: string,
	minimise: HTMLElement,
	arrived: (count: number, from: string) => void,
): Panel {
	const words = wordsIn(chatWords, context.language);
	const { signal } = frame;
	let conversation: Conversation = {
		...EMPTY,
		pending: loadPending(context.memory(PENDING)),
		readSeq: Number(context.memory(READ)) || 0,
	};
	let kept = conversation.pending;
	let lineState: LineState = 'idle';
	let everOpen = false;
	let visible = false;
	let typingSentAt = -Infinity;
	let stopTyping: ReturnType<typeof setTimeout> | undefined;

	const state = h('p', { class: 'state', role: 'status' });
	const live = h('p', { class: 'live' });
	const log = createLog(words, context.language, signal);
	const composer = createComposer(words, context.memory(DRAFT) ?? '', signal, send, (text) => {
		context.memory(DRAFT, text);
		if (!text || performance.now() - typingSentAt < TYPING_EVERY_MS) return;
		if (line.send({ t: 'typing' })) typingSentAt = performance.now();
	});
	const element = h(
		'div',
		{ class: 'card panel', role: 'dialog', 'aria-label': title },
		h('div', { class: 'head' }, h('div', {}, h('h2', {}, title), state), minimise, frame.closeButton()),
		log.element,
		log.newer,
		live,
		composer.element,
	);

	const line = createLine({
		socket: () => context.chatSocket(),
		timer(run, delayMs) {
			const timer = setTimeout(run, delayMs);
			return () => clearTimeout(timer);
		},
		random: Math.random,
		since: () => heldUpTo(conversation),
		frame: take,
		changed(next) {
			lineState = next;
			if (next === 'open') {
				everOpen = true;
				log.speakUp();
				typingSentAt = -Infinity;
				for (const { cid, text } of conversation.pending) line.send({ t: 'say', cid, text });
			}
			draw();
		},
	});

	function send(text: string): void {
		const cid = newClientId();
		conversation = say(conversation, { cid, text, at: Date.now() });
		draw();
		line.send({ t: 'say', cid, text });
		live.textContent = '';
	}

	function take(arrivedFrame: Incoming): void {
		const before = unread(conversation);
		conversation = receive(conversation, arrivedFrame);
		clearTimeout(stopTyping);
		live.textContent = '';
		const from = conversation.messages.findLast(({ who }) => who === 'operator')?.name || words.staff;
		if (arrivedFrame.t === 'typing') {
			live.textContent = fill(words.typing, from);
			stopTyping = setTimeout(() => (live.textContent = ''), TYPING_STANDS_MS);
		} else if (arrivedFrame.t === 'error') live.textContent = words.refused;
		seen();
		draw();
		const now = unread(conversation);
		if (now !== before) arrived(now, from);
	}

	/** What is on the screen of a page in front has been seen. */
	function seen(): void {
		if (!visible || document.visibilityState === 'hidden') return;
		const read = markRead(conversation);
		if (read.readSeq === conversation.readSeq) return;
		conversation = read;
		context.memory(READ, String(read.readSeq));
		line.send({ t: 'read', seq: read.readSeq });
		arrived(0, '');
	}

	function draw(): void {
		const { pending, staffed } = conversation;
		if (pending !== kept) context.memory(PENDING, storePending((kept = pending)));
		log.render(conversation, lineState === 'open');
		const sentence =
			lineState === 'open'
				? staffed
					? words.here
					: words.away
				: navigator.onLine === false
					? words.offline
					: everOpen || lineState === 'waiting' || state.textContent === words.lost
						? words.lost
						: words.connecting;
		if (state.textContent !== sentence) state.textContent = sentence;
	}

	const on = (target: EventTarget, type: string, run: (event: Event) => void): void =>
		target.addEventListener(type, run, { signal });
	const back = (): void => {
		if (document.visibilityState === 'hidden') return;
		line.nudge();
		seen();
	};
	on(window, 'online', back);
	on(window, 'offline', draw);
	on(document, 'visibilitychange', back);
	// An open socket would cost the page its place in the back-forward cache.
	on(window, 'pagehide', () => line.stop());
	on(window, 'pageshow', () => line.start());
	const viewport = window.visualViewport;
	if (viewport) {
		on(viewport, 'resize', () => {
			// Zoomed with two fingers the visual viewport is smaller for another reason than the keyboard.
			const covered = viewport.scale === 1 ? Math.max(0, innerHeight - viewport.height - viewport.offsetTop) : 0;
			element.style.setProperty('--kb', `${covered}px`);
		});
	}

	return {
		element,
		show(takeFocus) {
			visible = true;
			element.hidden = false;
			line.start();
			draw();
			log.toEnd();
			seen();
			if (takeFocus) composer.field.focus({ preventScroll: true });
		},
		hide() {
			visible = false;
			element.hidden = true;
		},
		underWay: () => conversation.pending.length > 0 || conversation.messages.length > 0,
		writing: () =>
			frame.wrapper.contains(composer.field) && (hasFocus(composer.field) || composer.field.value.trim() !== ''),
		leave() {
			clearTimeout(stopTyping);
			line.stop();
		},
	};
}

function hasFocus(field: HTMLElement): boolean {
	return (field.getRootNode() as ShadowRoot).activeElement === field;
}

/** 96 random bits; `crypto.randomUUID` is missing on plain http. */
function newClientId(): string {
	return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('');
}
