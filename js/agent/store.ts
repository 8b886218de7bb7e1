/**
 * The site's own corner of localStorage, under `noren.SITE.`. Where the visitor has not agreed, or the browser refuses, everything is
 * kept in memory and dies with the page.
 */
import { storageKey } from './ids.ts';

export interface Store {
	_get(name: string): string | undefined;
	/** An `undefined` value removes. */
	_set(name: string, value: string | undefined): void;
	/** Names that begin with `prefix`, without it. */
	_names(prefix: string): string[];
	/** From now on storage may be used: what was kept in memory is written. */
	_open(): void;
	/** Removes everything of the site's, and goes on in memory. */
	_wipe(): void;
	_isOpen(): boolean;
}

/** `disk` gives the browser's storage; it may throw, as `localStorage` does where it is blocked. */
export function createStore(site: string, disk: () => Storage = () => localStorage): Store {
	const prefix = storageKey(site, '');
	const memory = new Map<string, string>();
	let open: Storage | undefined;
	const names = (below: string): string[] => [
		...new Set([...(open ? Object.keys(open) : []), ...memory.keys()].filter((key) => key.startsWith(prefix + below))),
	];
	const store: Store = {
		_get(name) {
			const key = prefix + name;
			return memory.get(key) ?? open?.getItem(key) ?? undefined;
		},
		_set(name, value) {
			const key = prefix + name;
			memory.delete(key);
			try {
				if (value === undefined) open?.removeItem(key);
				else if (open) return open.setItem(key, value);
			} catch {
				// Full: this page goes on from memory.
			}
			if (value !== undefined) memory.set(key, value);
		},
		_names: (below) => names(below).map((key) => key.slice(prefix.length + below.length)),
		_open() {
			try {
				open = disk();
				for (const [key, value] of [...memory]) store._set(key.slice(prefix.length), value);
			} catch {
				open = undefined;
			}
		},
		_wipe() {
			for (const key of names('')) {
				memory.delete(key);
				open?.removeItem(key);
			}
			open = undefined;
		},
		_isOpen: () => open !== undefined,
	};
	return store;
}
