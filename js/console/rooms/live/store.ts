/** Lines to every shard of the site, open while somebody is signed in: presence and news of conversations come over them. */
import { computed, effect, signal } from '@preact/signals';
import { liveAddress } from '../../api/http.ts';
import { Line, type LineState } from '../../api/socket.ts';
import type { Conversation, LiveFrame } from '../../api/types.ts';
import { door, site, siteId } from '../../app/session.ts';
import { hear, NOBODY, type Shard } from './presence.ts';

export const shards = signal<readonly Shard[]>([]);
const states = signal<readonly LineState[]>([]);

/** `open` when every shard is heard, `closed` when none is wanted. Otherwise the number on screen may be old, and says so. */
export const lineState = computed<LineState>(() => {
	const all = states.value;
	if (all.length === 0) return 'closed';
	return all.find((state) => state !== 'open') ?? 'open';
});

const listeners = new Set<(conversation: Conversation) => void>();

/** Be told of each change of a conversation; the answer ends it. */
export function onConversation(listener: (conversation: Conversation) => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** How many shards there are: the site knows best, the session's figure serves until it has answered. */
const wanted = computed(() => {
	if (siteId.value === '') return '';
	const count = site.value?.shards ?? (door.value.at === 'inside' ? door.value.session.shards : 0);
	return `${count} ${siteId.value}`;
});

export function startLive(): () => void {
	let lines: Line[] = [];
	const stop = effect(() => {
		for (const line of lines) line.close();
		lines = [];
		const count = Number.parseInt(wanted.value, 10) || 0;
		const id = siteId.peek();
		shards.value = Array.from({ length: count }, () => NOBODY);
		states.value = Array.from({ length: count }, (): LineState => 'connecting');
		lines = Array.from(
			{ length: count },
			(_, index) =>
				new Line(liveAddress(id, index), {
					opened: () => {},
					state: (state) => (states.value = states.peek().with(index, state)),
					frame: (frame) => take(index, frame as LiveFrame),
				}),
		);
	});
	return () => {
		stop();
		for (const line of lines) line.close();
	};
}

function take(index: number, frame: LiveFrame): void {
	if (frame.t === 'conversation') {
		for (const listener of listeners) listener(frame.conversation);
		return;
	}
	shards.value = shards.peek().with(index, hear(shards.peek()[index] ?? NOBODY, frame));
}
