/** Which room is open, from the address. Rooms live behind `#/`, so that one file serves them all and a reload stays in place. */
import { signal } from '@preact/signals';

export const ROOMS = ['campaigns', 'live', 'chat', 'numbers', 'site', 'versions', 'coupons', 'keys', 'audit'] as const;
export type Room = (typeof ROOMS)[number];

export interface Route {
	readonly room: Room;
	/** The campaign's key, the conversation's id; empty for the room's list. */
	readonly item: string;
}

/** What an address means; anything unknown is the first room. */
export function parseRoute(hash: string): Route {
	const [room = '', item = ''] = hash.replace(/^#\/?/u, '').split('/');
	const known = ROOMS.find((one) => one === room);
	if (known === undefined) return { room: 'campaigns', item: '' };
	try {
		return { room: known, item: decodeURIComponent(item) };
	} catch {
		return { room: known, item: '' };
	}
}

/** The address of a room or of one thing in it. */
export function hrefTo(room: Room, item = ''): string {
	return item === '' ? `#/${room}` : `#/${room}/${encodeURIComponent(item)}`;
}

export const route = signal<Route>({ room: 'campaigns', item: '' });

export function go(room: Room, item = ''): void {
	location.hash = hrefTo(room, item);
}

/** Follow the address from now on. */
export function followAddress(): void {
	const follow = () => {
		route.value = parseRoute(location.hash);
	};
	addEventListener('hashchange', follow);
	follow();
}
