/** Random names and the device's identity: used by tag.js as well, so kept small. */

/** Bytes in base64url, without padding. */
export const base64url = (bytes: Uint8Array): string =>
	btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(
		/[+/=]/g,
		(char) => ({ '+': '-', '/': '_' })[char] || '',
	);

/** Random bytes in base64url: 16 give the 22 characters of a stream or a device, 32 the 43 of a key. */
export const random = (bytes: number): string => base64url(crypto.getRandomValues(new Uint8Array(bytes)));

/**
 * Who this browser is to the site: public id, secret key, count of logouts, generation. The first two are minted and written together,
 * so that there is never one without the other.
 */
export type Identity = [device: string, key: string, epoch: number, generation: number];

/** A new identity; nothing is written. */
export const newIdentity = (): Identity => [random(16), random(32), 0, 0];

/** The identity in a stored text, or `undefined` if it is none of this version's. */
export function readIdentity(stored: string | null | undefined): Identity | undefined {
	try {
		const identity = JSON.parse(stored!) as Identity;
		if (/^[\w-]{22},[\w-]{43},\d+,\d+$/.test(String(identity))) return identity;
	} catch {
		// Not JSON: as good as nothing.
	}
	return undefined;
}

/** Where everything of a site lies in the browser's storage. */
export const storageKey = (site: string, name: string): string => `noren.${site}.${name}`;

/**
 * A stream as it lies in storage: epoch, next number, whether the page is gone (1; 3 where it went without an engine, because its agent was
 * not there yet or could not run it, so that none has heard of the events), what is not acknowledged.
 */
export interface StoredStream<Event> {
	e: number;
	n: number;
	z: 0 | 1 | 3;
	v: Event[];
}
