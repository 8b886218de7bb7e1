import type { Incoming, Message } from './protocol.ts';

/**
 * What the panel knows of a conversation: a value, and pure steps from one to the next. A message is `pending` from the moment the
 * visitor sends it until the edge says that it is stored; it is said again after each reconnection, under the same client id, and the
 * edge keeps one.
 */
export interface Conversation {
	/** Stored messages, ordered by `seq`, each once. */
	readonly messages: readonly Message[];
	/** Said by the visitor and not yet known to be stored, oldest first. */
	readonly pending: readonly Pending[];
	/** The highest operator message the visitor has had before their eyes. */
	readonly readSeq: number;
	/** Whether somebody is there to answer. */
	readonly staffed: boolean;
}

export interface Pending {
	readonly cid: string;
	readonly text: string;
	/** Unix ms by the visitor's clock. */
	readonly at: number;
}

export const EMPTY: Conversation = { messages: [], pending: [], readSeq: 0, staffed: true };

/** Adds a message the visitor sends now. */
export function say(state: Conversation, message: Pending): Conversation {
	return { ...state, pending: [...state.pending, message] };
}

/** Takes a frame in. Typing and errors leave no trace here. */
export function receive(state: Conversation, frame: Incoming): Conversation {
	switch (frame.t) {
		case 'history':
			return { ...withMessages(state, frame.messages), staffed: frame.hours };
		case 'message':
			return withMessages(state, [frame.message]);
		case 'ack': {
			const said = state.pending.find(({ cid }) => cid === frame.cid);
			return said ? withMessages(state, [{ ...said, seq: frame.seq, who: 'visitor', name: '' }]) : state;
		}
		default:
			return state;
	}
}

/** Marks everything the operator said so far as seen. */
export function markRead(state: Conversation): Conversation {
	return { ...state, readSeq: Math.max(state.readSeq, ...operatorSeqs(state)) };
}

/** How many of the operator's messages wait unseen. */
export function unread(state: Conversation): number {
	return operatorSeqs(state).filter((seq) => seq > state.readSeq).length;
}

/**
 * The `since` of the next hello: the end of the unbroken run from the first message. The edge numbers without gaps, so a number missing
 * here is a message that was lost on the way and comes again.
 */
export function heldUpTo({ messages }: Conversation): number {
	let held = 0;
	for (const { seq } of messages) if (seq === held + 1) held = seq;
	return held;
}

function operatorSeqs({ messages }: Conversation): number[] {
	return messages.filter(({ who }) => who === 'operator').map(({ seq }) => seq);
}

function withMessages(state: Conversation, more: readonly Message[]): Conversation {
	const bySeq = new Map(state.messages.map((message) => [message.seq, message]));
	for (const message of more) bySeq.set(message.seq, message);
	const stored = new Set(more.map(({ cid }) => cid));
	return {
		...state,
		messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
		pending: state.pending.some(({ cid }) => stored.has(cid))
			? state.pending.filter(({ cid }) => !stored.has(cid))
			: state.pending,
	};
}

/** The pending messages as text for the widget's memory, so that a reload loses none. */
export function storePending(pending: readonly Pending[]): string {
	return pending.length ? JSON.stringify(pending) : '';
}

/** Reads them back; what is not understood is dropped. */
export function loadPending(stored: string | undefined): Pending[] {
	try {
		const list: unknown = JSON.parse(stored || '[]');
		return (Array.isArray(list) ? list : []).filter(
			(value: Partial<Pending> | null) =>
				typeof value?.cid === 'string' && typeof value.text === 'string' && typeof value.at === 'number',
		);
	} catch {
		return [];
	}
}
