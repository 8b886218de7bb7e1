/**
 * Events that the edge has not acknowledged, of this page's stream and of earlier ones that ended before they were.
 *
 * Each stream lies under its own name and is written by its own page only, so two tabs never overwrite each other. Any page may send
 * what it finds: the edge applies each (device, stream, number) once, and a race between two tabs costs a repeated send, no more.
 */
import type { HeldEvent } from './handover.ts';
import type { StoredStream } from './ids.ts';
import type { Store } from './store.ts';

/** All a device holds at most, in bytes of JSON; see "Exactly once" in the semantics. */
export const QUEUE_MAX_BYTES = 256 * 1024;
/** Streams in one request: the edge takes 256. */
const STREAMS_PER_SYNC = 200;
/** A stream whose page never said that it was left (a crash) counts as finished when it was silent for this long. */
const SILENT_MS = 24 * 3_600_000;
/** The edge refuses events older than 30 days; keeping them would only fill the queue. */
const AGE_MAX_MS = 30 * 24 * 3_600_000;

/** One stream as `/noren/v1/sync` takes it. */
export interface Batch {
	readonly id: string;
	readonly from: number;
	readonly done: boolean;
	readonly events: readonly HeldEvent[];
}

interface Stream extends StoredStream<HeldEvent> {
	/** Not zero where something was added since it was last sent, or its end was not told. */
	_fresh?: boolean | number;
	/** Whether no engine of this device has heard of its events. */
	_unheard?: boolean;
}

export interface Queue {
	/** Holds an event of the own stream. */
	_add(event: HeldEvent, next: number): void;
	/** Begins the own stream. The one before it is finished. */
	_begin(id: string, epoch: number, next: number): void;
	/** Marks the own stream as `z` of a stored one: finished, or finished and heard by no engine. The edge is told by whoever sends it next. */
	_done(z: 1 | 3): void;
	/** What to send, all of one epoch, the own stream first; events of at most `room` bytes. */
	_batches(room: number): { readonly epoch: number; readonly streams: Batch[] } | undefined;
	/** Forgets what was acknowledged. `sent` is what was in the request: a finished stream of it with nothing left is forgotten as a whole. */
	_acked(acks: readonly { readonly id: string; readonly next: number }[], sent: readonly Batch[]): void;
	/** Whether the own stream has something that was not sent yet, or an earlier one waits. */
	_waiting(): boolean;
	/** The last request did not arrive. */
	_failed(): void;
	_events(): readonly HeldEvent[];
	/** Events of pages that were gone before their agent was there; given once. */
	_unheard(): readonly HeldEvent[];
	_save(): void;
	/** How many events were dropped for want of room since the last time of asking. */
	_lost(): number;
}

/** What goes first when room runs out: what the visitor's hand did, then pages and the like, then what tests are judged by, orders last. */
function worth(name: string): number {
	if (/^(purchase|refund|identify|reset|consent)$/.test(name)) return 3;
	if (name.startsWith('noren_')) return 2;
	return /^(scroll|exit_intent|idle|tab_hidden|click)$/.test(name) ? 0 : 1;
}

const bytesOf = (event: HeldEvent): number => new TextEncoder().encode(JSON.stringify(event)).length;

export function createQueue(store: Store, now: () => number): Queue {
	const streams = new Map<string, Stream>();
	let own = '';
	let dirty = false;
	let size = 0;
	let lost = 0;

	const write = (id: string): void => {
		const stream = streams.get(id);
		const stored: StoredStream<HeldEvent> | undefined = stream && {
			e: stream.e,
			n: stream.n,
			z: stream.z,
			v: stream.v,
		};
		store._set('q.' + id, stored && JSON.stringify(stored));
	};

	const sizeOf = (events: readonly HeldEvent[]): number => events.reduce((sum, event) => sum + bytesOf(event), 0);

	/** Reads a stream of another page. */
	const read = (id: string): Stream | undefined => {
		try {
			const stream = JSON.parse(store._get('q.' + id)!) as Stream;
			stream.v = stream.v.filter(({ at }) => at > now() - AGE_MAX_MS);
			stream._unheard = stream.z === 3;
			if (stream.z || stream.v.every(({ at }) => at < now() - SILENT_MS)) stream.z = 1;
			return stream;
		} catch {
			store._set('q.' + id, undefined);
			return undefined;
		}
	};

	for (const id of store._names('q.')) {
		const stream = read(id);
		if (!stream) continue;
		stream._fresh = true;
		size += sizeOf(stream.v);
		streams.set(id, stream);
	}

	/** Drops the least worth and oldest until everything fits, with an eighth to spare so that not every event has to look again. */
	const evict = (): void => {
		for (let rank = 0; rank < 4 && size > QUEUE_MAX_BYTES * 0.875; rank++) {
			const found = [...streams.values()].flatMap((stream) => stream.v.map((event) => ({ stream, event })));
			for (const { stream, event } of found.sort((a, b) => a.event.at - b.event.at)) {
				if (size <= QUEUE_MAX_BYTES * 0.875) break;
				if (worth(event.name) !== rank) continue;
				stream.v.splice(stream.v.indexOf(event), 1);
				size -= bytesOf(event);
				lost++;
			}
		}
		for (const id of streams.keys()) write(id);
	};

	const queue: Queue = {
		_add(event, next) {
			const stream = streams.get(own)!;
			stream.v.push(event);
			stream.n = next;
			stream._fresh = true;
			dirty = true;
			size += bytesOf(event);
			if (size > QUEUE_MAX_BYTES) evict();
		},
		_begin(id, epoch, next) {
			if (own) queue._done(1);
			own = id;
			// A stream that tag.js had to write down itself is continued; its events come again through `_add`.
			size -= sizeOf(streams.get(id)?.v ?? []);
			streams.set(id, { e: epoch, n: next, z: 0, v: [] });
			dirty = true;
		},
		_done(z) {
			streams.get(own)!.z = z;
			dirty = true;
			queue._save();
		},
		_batches(room) {
			const first = streams.get(own)!;
			const ids = [own, ...[...streams.keys()].filter((id) => id !== own)];
			// Earlier epochs go first: the edge must see what came before a logout before what came after it.
			const epoch = Math.min(...[...streams.values()].filter((s) => s === first || s.v.length || s.z).map((s) => s.e));
			const batches: Batch[] = [];
			for (const id of ids) {
				const stream = streams.get(id)!;
				if (stream.e !== epoch || batches.length === STREAMS_PER_SYNC) continue;
				const events: HeldEvent[] = [];
				for (const event of stream.v) {
					room -= bytesOf(event);
					if (room < 0) break;
					events.push(event);
				}
				const done = stream.z > 0 && events.length === stream.v.length;
				if (id !== own && !events.length && !done) continue;
				stream._fresh = events.length < stream.v.length;
				batches.push({ id, from: stream.v[0]?.n ?? stream.n, done, events });
			}
			return { epoch, streams: batches };
		},
		_acked(acks, sent) {
			for (const { id, next } of acks) {
				const before = streams.get(id);
				if (!before) continue;
				// Its own page may have added to another stream meanwhile, or left: what it wrote last counts.
				const stream = (id !== own && read(id)) || before;
				size -= sizeOf(before.v);
				stream.v = stream.v.filter(({ n }) => n >= next);
				size += sizeOf(stream.v);
				streams.set(id, stream);
				write(id);
			}
			for (const { id, done } of sent) {
				if (done && id !== own && !streams.get(id)?.v.length) {
					streams.delete(id);
					write(id);
				}
			}
		},
		_waiting: () => [...streams.values()].some((stream) => stream._fresh),
		_failed() {
			for (const stream of streams.values()) stream._fresh = stream.v.length || stream.z;
		},
		_events: () => streams.get(own)?.v ?? [],
		_unheard() {
			const events: HeldEvent[] = [];
			for (const [id, stream] of streams) {
				if (!stream._unheard || id === own) continue;
				stream._unheard = false;
				events.push(...stream.v);
				write(id);
			}
			return events;
		},
		_save() {
			if (dirty && own) write(own);
			dirty = false;
		},
		_lost() {
			const n = lost;
			lost = 0;
			return n;
		},
	};
	return queue;
}
