/**
 * Who is on the site now, put together from the shards' live lists. Pure.
 *
 * A shard says how many visitors it has and shows the most recent of them; what it does not show is still counted, so the number on
 * top is true also when the list below it is cut.
 */
import type { LiveFrame, Visitor } from '../../api/types.ts';

export interface Shard {
	readonly shown: ReadonlyMap<string, Visitor>;
	/** Visitors the shard counts but did not show. */
	readonly unseen: number;
}

export const NOBODY: Shard = { shown: new Map(), unseen: 0 };

/** A shard's list after one more frame. */
export function hear(shard: Shard, frame: LiveFrame): Shard {
	switch (frame.t) {
		case 'snapshot': {
			return counted(new Map(frame.visitors.map((visitor) => [visitor.device, visitor])), frame.count);
		}
		case 'visitor': {
			const had = shard.shown.get(frame.visitor.device);
			// Frames of one visitor can overtake each other on their way to the shard.
			if (had !== undefined && had.at > frame.visitor.at) return counted(shard.shown, frame.count);
			return counted(new Map(shard.shown).set(frame.visitor.device, frame.visitor), frame.count);
		}
		case 'gone': {
			const shown = new Map(shard.shown);
			shown.delete(frame.device);
			return counted(shown, frame.count);
		}
		default:
			return shard;
	}
}

function counted(shown: ReadonlyMap<string, Visitor>, count: number): Shard {
	return { shown, unseen: Math.max(0, count - shown.size) };
}

export function count(shards: Iterable<Shard>): number {
	let sum = 0;
	for (const shard of shards) sum += shard.shown.size + shard.unseen;
	return sum;
}

/** At most so many rows: more would be counted, not read. */
export const ROWS_MAX = 200;

/** The visitors to show, whoever acted last first. */
export function visitors(shards: Iterable<Shard>): Visitor[] {
	const all: Visitor[] = [];
	for (const shard of shards) all.push(...shard.shown.values());
	return all.sort((a, b) => b.at - a.at || (a.device < b.device ? -1 : 1)).slice(0, ROWS_MAX);
}

/** The path of a page address; the address itself where it is none. */
export function pathOf(page: string): string {
	try {
		const url = new URL(page);
		return decodeURI(url.pathname) + url.search;
	} catch {
		return page;
	}
}
