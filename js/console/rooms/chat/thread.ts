/** One conversation as the operator sees it: what is stored, and what is on its way. Pure. */
import type { ChatFrame, ChatRequest, Message, Visitor } from '../../api/types.ts';

/** A message the edge has not acknowledged yet. It keeps its `cid` over every new try, so it is stored once. */
export interface Outgoing {
	readonly cid: string;
	readonly text: string;
	readonly at: number;
}

export interface Thread {
	/** By sequence number, ascending. */
	readonly messages: readonly Message[];
	readonly outgoing: readonly Outgoing[];
	readonly visitor: Visitor | undefined;
	/** Until when the visitor counts as typing. */
	readonly typingUntil: number;
	/** True once the history has come. */
	readonly known: boolean;
	readonly error: string;
}

/** As the edge counts them: characters, not UTF-16 units. */
export const TEXT_MAX_CHARS = 2_000;

/** Typing is believed this long after it was last heard of. */
const TYPING_LASTS_MS = 5_000;

export function begin(outgoing: readonly Outgoing[]): Thread {
	return { messages: [], outgoing, visitor: undefined, typingUntil: 0, known: false, error: '' };
}

/** The thread after one more frame, heard at `now`. */
export function hear(thread: Thread, frame: ChatFrame, now: number): Thread {
	switch (frame.t) {
		case 'history':
			return {
				...settle(thread, frame.messages),
				visitor: frame.visitor ?? thread.visitor,
				known: true,
			};
		case 'message': {
			const next = settle(thread, [frame.message]);
			// What was being typed has arrived.
			return frame.message.who === 'visitor' ? { ...next, typingUntil: 0 } : next;
		}
		case 'ack': {
			const sent = thread.outgoing.find((one) => one.cid === frame.cid);
			if (sent === undefined) return thread;
			return settle(thread, [
				{ seq: frame.seq, at: sent.at, who: 'operator', name: '', text: sent.text, cid: sent.cid },
			]);
		}
		case 'typing':
			return frame.who === 'visitor' ? { ...thread, typingUntil: now + TYPING_LASTS_MS } : thread;
		case 'error':
			return { ...thread, error: frame.code };
		default:
			return thread;
	}
}

/** Put a message on its way; undefined where there is nothing to send or too much. */
export function compose(thread: Thread, text: string, cid: string, now: number): Thread | undefined {
	const trimmed = text.trim();
	if (trimmed === '' || [...trimmed].length > TEXT_MAX_CHARS) return undefined;
	return { ...thread, error: '', outgoing: [...thread.outgoing, { cid, text: trimmed, at: now }] };
}

/** What to say when the line is up: where we are, and everything not acknowledged yet, in its order. */
export function resume(thread: Thread): ChatRequest[] {
	return [
		{ t: 'hello', since: heldUpTo(thread) },
		...thread.outgoing.map(({ cid, text }): ChatRequest => ({ t: 'say', cid, text })),
	];
}

/** The highest number held, 0 before anything is. */
export function lastSeq(thread: Thread): number {
	return thread.messages.at(-1)?.seq ?? 0;
}

/**
 * The `since` of the next hello: the end of the unbroken run, from where the first history began. The edge numbers without gaps, so a number
 * missing here is a message that something live has overtaken, and comes again.
 */
function heldUpTo(thread: Thread): number {
	if (!thread.known) return 0;
	let held = thread.messages[0]?.seq ?? 0;
	for (const { seq } of thread.messages) if (seq === held + 1) held = seq;
	return held;
}

/** Whether a key press in the message field means "send". Never while an input method is composing: Enter then takes its word. */
export function sends(event: {
	readonly key: string;
	readonly shiftKey: boolean;
	readonly isComposing: boolean;
	readonly keyCode: number;
}): boolean {
	// Safari ends the composition before it reports the key, and then only the code 229 tells.
	return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

function settle(thread: Thread, arrived: readonly Message[]): Thread {
	const bySeq = new Map(thread.messages.map((message) => [message.seq, message]));
	for (const message of arrived) {
		const had = bySeq.get(message.seq);
		// An acknowledged message of our own is known without a name; the stored one has it.
		if (had === undefined || had.name === '') bySeq.set(message.seq, message);
	}
	// The visitor's ids are the visitor's own: only ours say that ours arrived.
	const cids = new Set(arrived.filter((message) => message.who === 'operator').map((message) => message.cid));
	return {
		...thread,
		messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
		outgoing: thread.outgoing.filter((one) => !cids.has(one.cid)),
	};
}
