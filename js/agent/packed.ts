/** Packed values, as `noren_event::packed` has them: what crosses into the WebAssembly and back. */

export type Packed =
	null | undefined | boolean | number | string | Uint8Array | readonly Packed[] | { readonly [key: string]: Packed };

/** One less than the reader's limit is deep enough for anything of the page's; deeper parts become null. */
const DEPTH_MAX = 31;

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Room for what is written, kept from call to call. */
let out = new Uint8Array(1024);

/**
 * A value as bytes, good until the next call. Unpaired surrogates become U+FFFD; functions and symbols become null, members that are undefined
 * are left out.
 */
export function encode(value: unknown): Uint8Array {
	let at = 0;
	const uint = (n: number): void => {
		while (n >= 128) {
			out[at++] = (n % 128) | 128;
			n = Math.floor(n / 128);
		}
		out[at++] = n;
	};
	const bytes = (content: Uint8Array): void => {
		uint(content.length);
		for (const byte of content) out[at++] = byte;
	};
	const string = (s: string): void => {
		const from = at;
		uint(s.length);
		for (let i = 0; i < s.length; i++) {
			const unit = s.charCodeAt(i);
			if (unit > 127) {
				at = from;
				return bytes(utf8.encode(s));
			}
			out[at++] = unit;
		}
	};
	const put = (v: unknown, depth: number): void => {
		if (depth > DEPTH_MAX || v === null || v === undefined) out[at++] = 0;
		else if (typeof v === 'boolean') out[at++] = v ? 2 : 1;
		else if (typeof v === 'number') {
			// Twice a whole number stays exact only below 2^52; what is larger, and minus zero, takes the long form.
			if (Number.isInteger(v) && Math.abs(v) < 2 ** 52 && !Object.is(v, -0)) {
				out[at++] = 7;
				uint(v < 0 ? -2 * v - 1 : 2 * v);
			} else {
				out[at++] = 3;
				for (const byte of new Uint8Array(new Float64Array([v]).buffer)) out[at++] = byte;
			}
		} else if (typeof v === 'string') {
			out[at++] = 4;
			string(v);
		} else if (v instanceof Uint8Array) {
			out[at++] = 8;
			bytes(v);
		} else if (Array.isArray(v)) {
			out[at++] = 5;
			uint(v.length);
			for (const item of v) put(item, depth + 1);
		} else if (typeof v === 'object') {
			const members = Object.entries(v).filter(([, member]) => member !== undefined);
			out[at++] = 6;
			uint(members.length);
			for (const [key, member] of members) {
				string(key);
				put(member, depth + 1);
			}
		} else out[at++] = 0;
	};
	put(value, 0);
	if (at <= out.length) return out.subarray(0, at);
	// What does not fit is not written, only counted.
	out = new Uint8Array(2 * at);
	return encode(value);
}

/** A value from bytes that our own WebAssembly wrote. Bytes inside are copied, since its memory may move. */
export function decode(from: Uint8Array): Packed {
	let at = 0;
	const uint = (): number => {
		let n = 0;
		for (let unit = 1; ; unit *= 128) {
			const byte = from[at++]!;
			n += (byte % 128) * unit;
			if (byte < 128) return n;
		}
	};
	const take = (): Uint8Array => {
		const length = uint();
		return from.slice(at, (at += length));
	};
	const get = (): Packed => {
		const tag = from[at++];
		switch (tag) {
			case 1:
			case 2:
				return tag > 1;
			case 3:
				return new Float64Array(from.slice(at, (at += 8)).buffer)[0];
			case 4:
				return text.decode(take());
			case 5:
				return Array.from({ length: uint() }, get);
			case 6:
				return Object.fromEntries(Array.from({ length: uint() }, () => [text.decode(take()), get()]));
			case 7: {
				const n = uint();
				return n % 2 ? -(n + 1) / 2 : n / 2;
			}
			case 8:
				return take();
			default:
				return null;
		}
	};
	return get();
}
