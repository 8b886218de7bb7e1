/** The list of conversations, and the line of the one that is open. */
import { computed, effect, signal } from '@preact/signals';
import { ApiError, chatAddress } from '../../api/http.ts';
import { Line, type LineState } from '../../api/socket.ts';
import type { ChatFrame, Conversation } from '../../api/types.ts';
import { api, asApiError, siteId } from '../../app/session.ts';
import { lineState, onConversation } from '../live/store.ts';
import { begin, compose, hear, lastSeq, resume, type Outgoing, type Thread } from './thread.ts';

export const conversations = signal<readonly Conversation[] | undefined>(undefined);
export const listFailure = signal<ApiError | undefined>(undefined);

/** Messages nobody has read yet, over all conversations. */
export const unread = computed(() => (conversations.value ?? []).reduce((sum, one) => sum + one.unread, 0));

export async function loadConversations(): Promise<void> {
	const id = siteId.peek();
	if (id === '') return;
	try {
		const list = await api.conversations(id);
		if (id !== siteId.peek()) return;
		conversations.value = list;
		listFailure.value = undefined;
	} catch (cause) {
		listFailure.value = asApiError(cause);
	}
}

/** Newest first, one entry a conversation. */
function place(list: readonly Conversation[], one: Conversation): readonly Conversation[] {
	return [one, ...list.filter((other) => other.id !== one.id)].sort((a, b) => b.last.at - a.last.at);
}

/** Keep the list up to date; the answer stops it. */
export function startConversations(): () => void {
	conversations.value = undefined;
	const stopHearing = onConversation((one) => {
		conversations.value = place(conversations.peek() ?? [], one);
	});
	// Once all lines are up, and each time they are again: what was said in between came over none of them.
	const stopAsking = effect(() => {
		if (lineState.value === 'open') void loadConversations();
	});
	void loadConversations();
	return () => {
		stopHearing();
		stopAsking();
	};
}

/** How often "typing" is said at most. */
const TYPING_EVERY_MS = 2_500;

const storageKey = (id: string) => `noren.console.outgoing.${siteId.peek()}.${id}`;

/** Half-written answers, by conversation, so that looking something up elsewhere does not lose them. */
export const halfWritten = new Map<string, string>();

/** The open conversation. Ends by `release`, which first lets go what is still on its way. */
export class OpenThread {
	readonly id: string;
	readonly thread: { value: Thread; peek(): Thread };
	readonly state = signal<LineState>('connecting');
	readonly #line: Line;
	#saidTyping = 0;
	#readTo = 0;
	#released = false;

	constructor(id: string) {
		this.id = id;
		this.thread = signal(begin(waiting(id)));
		this.#line = new Line(chatAddress(siteId.peek(), id), {
			opened: () => {
				this.#readTo = 0;
				for (const request of resume(this.thread.peek())) this.#line.send(request);
			},
			state: (state) => (this.state.value = state),
			frame: (frame) => this.#hear(frame as ChatFrame),
		});
	}

	/** True when the text was taken. Whether the line is up makes no difference: it goes out when it is. */
	say(text: string): boolean {
		const next = compose(this.thread.peek(), text, crypto.randomUUID(), Date.now());
		const said = next?.outgoing.at(-1);
		if (next === undefined || said === undefined) return false;
		this.#become(next);
		this.#line.send({ t: 'say', cid: said.cid, text: said.text });
		return true;
	}

	typing(): void {
		const now = Date.now();
		if (now - this.#saidTyping < TYPING_EVERY_MS) return;
		this.#saidTyping = now;
		this.#line.send({ t: 'typing' });
	}

	/** Everything so far was on screen before somebody's eyes. */
	seen(): void {
		const seq = lastSeq(this.thread.peek());
		if (seq <= this.#readTo || !this.#line.send({ t: 'read', seq })) return;
		this.#readTo = seq;
		conversations.value = conversations.peek()?.map((one) => (one.id === this.id ? { ...one, unread: 0 } : one));
	}

	release(): void {
		this.#released = true;
		this.#closeIfDone();
	}

	#hear(frame: ChatFrame): void {
		this.#become(hear(this.thread.peek(), frame, Date.now()));
		this.#closeIfDone();
	}

	#become(next: Thread): void {
		this.thread.value = next;
		try {
			if (next.outgoing.length === 0) sessionStorage.removeItem(storageKey(this.id));
			else sessionStorage.setItem(storageKey(this.id), JSON.stringify(next.outgoing));
		} catch {
			// Without storage a message on its way lasts as long as the page.
		}
	}

	#closeIfDone(): void {
		if (this.#released && this.thread.peek().outgoing.length === 0) this.#line.close();
	}
}

/** What was on its way when the page was left. */
function waiting(id: string): readonly Outgoing[] {
	try {
		const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey(id)) ?? '[]');
		if (!Array.isArray(stored)) return [];
		return stored.filter((one): one is Outgoing => typeof one?.cid === 'string' && typeof one.text === 'string');
	} catch {
		return [];
	}
}
