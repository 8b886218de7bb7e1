/**
 * The frames of a conversation's socket, as the visitor's side sees them (docs/http.md, "Chat"). What arrives is checked field by field:
 * a frame we do not understand is passed over, and can never stop the panel.
 */
export interface Message {
	/** The edge's number of the message within the conversation, from 1. */
	readonly seq: number;
	/** Unix ms. */
	readonly at: number;
	readonly who: 'visitor' | 'operator' | 'system';
	readonly name: string;
	readonly text: string;
	/** The client id of a message that a visitor sent; empty for others. */
	readonly cid: string;
}

export type Incoming =
	| { readonly t: 'history'; readonly messages: readonly Message[]; readonly hours: boolean }
	| { readonly t: 'message'; readonly message: Message }
	| { readonly t: 'ack'; readonly cid: string; readonly seq: number }
	| { readonly t: 'typing' }
	| { readonly t: 'error'; readonly code: string };

export type Outgoing =
	| { readonly t: 'hello'; readonly since: number }
	| { readonly t: 'say'; readonly cid: string; readonly text: string }
	| { readonly t: 'typing' }
	| { readonly t: 'read'; readonly seq: number };

/** The longest message the edge takes, in UTF-16 code units (never more than its own count of characters). */
export const MESSAGE_MAX = 2000;

/** Reads one frame; `undefined` when it is none that we know. */
export function parseFrame(data: unknown): Incoming | undefined {
	let frame: Record<string, unknown>;
	try {
		frame = JSON.parse(String(data)) as Record<string, unknown>;
	} catch {
		return undefined;
	}
	switch (frame?.['t']) {
		case 'history': {
			const { messages, hours } = frame;
			if (!Array.isArray(messages)) return undefined;
			return { t: 'history', messages: messages.flatMap((value) => readMessage(value) ?? []), hours: hours !== false };
		}
		case 'message': {
			const message = readMessage(frame['message']);
			return message && { t: 'message', message };
		}
		case 'ack': {
			const { cid, seq } = frame;
			return typeof cid === 'string' && isSeq(seq) ? { t: 'ack', cid, seq } : undefined;
		}
		case 'typing':
			return frame['who'] === 'visitor' ? undefined : { t: 'typing' };
		case 'error':
			return { t: 'error', code: String(frame['code']) };
		default:
			return undefined;
	}
}

function readMessage(value: unknown): Message | undefined {
	const { seq, at, who, name, text, cid } = (value ?? {}) as Record<string, unknown>;
	if (!isSeq(seq) || typeof text !== 'string') return undefined;
	return {
		seq,
		at: typeof at === 'number' ? at : 0,
		who: who === 'visitor' || who === 'operator' ? who : 'system',
		name: typeof name === 'string' ? name : '',
		text,
		cid: typeof cid === 'string' ? cid : '',
	};
}

function isSeq(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}
