/**
 * Where everything stands in a JSON text, also while it is being typed and is not JSON yet.
 *
 * The reading is tolerant: what is wrong is noted as a slip and passed over, so that a place behind it is still known. A text without
 * slips is exactly a text that `JSON.parse` takes, except for a key given twice, which is a slip here: JSON.parse would silently drop
 * what its author wrote.
 */

export interface Range {
	readonly from: number;
	readonly to: number;
}

/** What was wrong at a place: the stable half of the message. */
export type SlipCode =
	| 'json_key_expected'
	| 'json_colon_expected'
	| 'json_value_expected'
	| 'json_comma_expected'
	| 'json_unclosed'
	| 'json_surplus'
	| 'json_token_bad'
	| 'json_too_deep'
	| 'json_key_twice';

export interface Slip extends Range {
	readonly code: SlipCode;
}

/** One value with its key, if it has one. */
export interface Entry {
	readonly pointer: string;
	readonly key: Range | undefined;
	readonly value: Range | undefined;
	/** The value itself where it is a string, number, boolean or null. */
	readonly scalar: string | number | boolean | null | undefined;
}

interface Container extends Range {
	readonly pointer: string;
	readonly kind: 'object' | 'array';
	/** Keys in order; for an array its length in empty strings. */
	readonly keys: readonly string[];
}

export interface Outline {
	readonly entries: ReadonlyMap<string, Entry>;
	readonly slips: readonly Slip[];
	readonly containers: readonly Container[];
	readonly tokens: readonly Token[];
}

export interface Token extends Range {
	readonly kind: '{' | '}' | '[' | ']' | ',' | ':' | 'string' | 'word';
	/** A string without its closing quotation mark. */
	readonly open: boolean;
}

/** Deeper than any campaign; keeps the reading of a hostile text from exhausting the stack. */
const DEPTH_MAX = 100;

/** Split into tokens; never fails. */
export function tokenize(text: string): Token[] {
	const tokens: Token[] = [];
	const pattern = /[{}[\],:]|"(?:[^"\\\n]|\\.)*("?)|[^\s{}[\],:"]+/gu;
	for (const match of text.matchAll(pattern)) {
		const first = match[0].charAt(0);
		const from = match.index;
		const to = from + match[0].length;
		if (first === '"') tokens.push({ kind: 'string', from, to, open: match[1] !== '"' });
		else if ('{}[],:'.includes(first)) tokens.push({ kind: first as Token['kind'], from, to, open: false });
		else tokens.push({ kind: 'word', from, to, open: false });
	}
	return tokens;
}

/** `~` and `/` escaped as RFC 6901 has it. */
export function join(pointer: string, token: string): string {
	return `${pointer}/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The tokens of a pointer, unescaped. */
export function split(pointer: string): string[] {
	if (pointer === '') return [];
	return pointer
		.slice(1)
		.split('/')
		.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Read a text. Cost is linear in its length. */
export function outline(text: string): Outline {
	const tokens = tokenize(text);
	const entries = new Map<string, Entry>();
	const slips: Slip[] = [];
	const containers: Container[] = [];
	let next = 0;

	const here = (): Range => {
		const token = tokens[next];
		if (token !== undefined) return token;
		const end = tokens.at(-1)?.to ?? 0;
		return { from: Math.max(0, end - 1), to: end };
	};
	const slip = (code: SlipCode, range: Range = here()) => slips.push({ code, from: range.from, to: range.to });
	const kind = () => tokens[next]?.kind;

	const string = (token: Token): string => {
		if (token.open) {
			slip('json_unclosed', token);
			return text.slice(token.from + 1, token.to);
		}
		try {
			return JSON.parse(text.slice(token.from, token.to)) as string;
		} catch {
			slip('json_token_bad', token);
			return text.slice(token.from + 1, token.to - 1);
		}
	};

	const value = (pointer: string, key: Range | undefined, depth: number): void => {
		const token = tokens[next];
		if (token === undefined || token.kind === ',' || token.kind === ':' || token.kind === '}' || token.kind === ']') {
			slip('json_value_expected');
			entries.set(pointer, { pointer, key, value: undefined, scalar: undefined });
			return;
		}
		if (token.kind === '{' || token.kind === '[') {
			// Noted before its parts, so that the map reads from the outside in; the end is filled in afterwards.
			entries.set(pointer, { pointer, key, value: token, scalar: undefined });
			const to = depth >= DEPTH_MAX ? tooDeep() : token.kind === '{' ? object(pointer, depth) : array(pointer, depth);
			entries.set(pointer, { pointer, key, value: { from: token.from, to }, scalar: undefined });
			return;
		}
		next += 1;
		let scalar: Entry['scalar'];
		if (token.kind === 'string') scalar = string(token);
		else {
			try {
				scalar = JSON.parse(text.slice(token.from, token.to)) as Exclude<Entry['scalar'], undefined>;
			} catch {
				slip('json_token_bad', token);
			}
		}
		entries.set(pointer, { pointer, key, value: { from: token.from, to: token.to }, scalar });
	};

	const tooDeep = (): number => {
		slip('json_too_deep');
		next = tokens.length;
		return text.length;
	};

	/** The closing bracket, or what stands in its place; the end of the container. */
	const close = (bracket: '}' | ']', opening: Token): number => {
		const token = tokens[next];
		if (token?.kind === bracket) {
			next += 1;
			return token.to;
		}
		slip('json_unclosed', opening);
		return token?.from ?? text.length;
	};

	const object = (pointer: string, depth: number): number => {
		const opening = tokens[next++] as Token;
		const keys: string[] = [];
		const seen = new Set<string>();
		let comma = true;
		let trailing: Token | undefined;
		for (
			let token = tokens[next];
			token !== undefined && token.kind !== '}' && token.kind !== ']';
			token = tokens[next]
		) {
			if (token.kind === ',') {
				if (comma) slip('json_key_expected', token);
				comma = true;
				trailing = token;
				next += 1;
			} else if (token.kind === 'string') {
				if (!comma) slip('json_comma_expected', token);
				comma = false;
				trailing = undefined;
				next += 1;
				const key = string(token);
				if (seen.has(key)) slip('json_key_twice', token);
				seen.add(key);
				keys.push(key);
				const range = { from: token.from, to: token.to };
				if (kind() === ':') {
					next += 1;
					// `"a": "b": 1`: the value is still to be written, and "b" is the next key.
					if (kind() === 'string' && tokens[next + 1]?.kind === ':') {
						slip('json_value_expected', token);
						comma = true;
						entries.set(join(pointer, key), {
							pointer: join(pointer, key),
							key: range,
							value: undefined,
							scalar: undefined,
						});
						continue;
					}
					value(join(pointer, key), range, depth + 1);
				} else {
					slip('json_colon_expected', token);
					entries.set(join(pointer, key), {
						pointer: join(pointer, key),
						key: range,
						value: undefined,
						scalar: undefined,
					});
				}
			} else {
				slip('json_key_expected', token);
				next += 1;
			}
		}
		if (trailing !== undefined) slip('json_key_expected', trailing);
		const to = close('}', opening);
		containers.push({ pointer, kind: 'object', from: opening.from, to, keys });
		return to;
	};

	const array = (pointer: string, depth: number): number => {
		const opening = tokens[next++] as Token;
		const keys: string[] = [];
		let comma = true;
		let trailing: Token | undefined;
		for (
			let token = tokens[next];
			token !== undefined && token.kind !== '}' && token.kind !== ']';
			token = tokens[next]
		) {
			if (token.kind === ',') {
				if (comma) slip('json_value_expected', token);
				comma = true;
				trailing = token;
				next += 1;
			} else if (token.kind === ':') {
				slip('json_surplus', token);
				next += 1;
			} else {
				if (!comma) slip('json_comma_expected', token);
				comma = false;
				trailing = undefined;
				value(join(pointer, String(keys.length)), undefined, depth + 1);
				keys.push('');
			}
		}
		if (trailing !== undefined) slip('json_value_expected', trailing);
		const to = close(']', opening);
		containers.push({ pointer, kind: 'array', from: opening.from, to, keys });
		return to;
	};

	value('', undefined, 0);
	if (next < tokens.length) slip('json_surplus');
	slips.sort((a, b) => a.from - b.from);
	return { entries, slips, containers, tokens };
}

/**
 * The range a finding's pointer means. A finding about a whole object marks its key, not its many lines; a pointer to something that
 * is not there (a field that is missing) marks what should have had it.
 */
export function rangeOf(read: Outline, pointer: string): Range {
	for (let path = pointer; ; path = path.slice(0, path.lastIndexOf('/'))) {
		const entry = read.entries.get(path);
		if (entry !== undefined) {
			const compound = entry.value !== undefined && entry.scalar === undefined;
			if (path === '') return { from: entry.value?.from ?? 0, to: (entry.value?.from ?? 0) + (compound ? 1 : 0) };
			if (path !== pointer || compound)
				return entry.key ?? { from: entry.value?.from ?? 0, to: (entry.value?.from ?? 0) + 1 };
			return entry.value ?? entry.key ?? { from: 0, to: 0 };
		}
		if (path === '') return { from: 0, to: 0 };
	}
}

/** What may be written at a position. */
export interface Place {
	readonly kind: 'key' | 'value';
	/** Of the object for a key, of the value itself for a value. */
	readonly pointer: string;
	/** What a completion replaces. */
	readonly range: Range;
	/** Keys the object has already. */
	readonly taken: readonly string[];
	/** A colon follows already, so a key brings none. */
	readonly colon: boolean;
	/** Another key follows without a comma between. */
	readonly comma: boolean;
}

/** What the position is for, or undefined where nothing may be written. */
export function placeAt(read: Outline, position: number): Place | undefined {
	let index = -1;
	for (let i = 0; i < read.tokens.length; i += 1) {
		const token = read.tokens[i] as Token;
		if (token.from >= position) break;
		index = i;
	}
	const token = read.tokens[index];
	if (token === undefined) return undefined;
	const inside =
		token.kind === 'string' ? position < token.to || token.open : token.kind === 'word' && position <= token.to;
	const range: Range = inside ? { from: token.from, to: token.to } : { from: position, to: position };
	if (inside) {
		for (const entry of read.entries.values()) {
			if (entry.key?.from === token.from) {
				const pointer = entry.pointer.slice(0, entry.pointer.lastIndexOf('/'));
				return key(pointer, range, read.tokens[index + 1]?.kind === ':');
			}
			if (entry.value?.from === token.from) {
				return { kind: 'value', pointer: entry.pointer, range, taken: [], colon: false, comma: false };
			}
		}
		return undefined;
	}
	const container = innermost(read, position);
	if (container === undefined) return undefined;
	if (container.kind === 'object') {
		if (token.kind === '{' || token.kind === ',') return key(container.pointer, range, false);
		if (token.kind === ':') {
			for (const entry of read.entries.values()) {
				// The key whose colon this is: the last token before it.
				if (entry.key !== undefined && entry.key.from === read.tokens[index - 1]?.from) {
					return { kind: 'value', pointer: entry.pointer, range, taken: [], colon: false, comma: false };
				}
			}
		}
		return undefined;
	}
	if (token.kind !== '[' && token.kind !== ',') return undefined;
	const endOf = (item: number) => read.entries.get(join(container.pointer, String(item)))?.value?.to ?? Infinity;
	let before = 0;
	while (endOf(before) <= position) before += 1;
	return {
		kind: 'value',
		pointer: join(container.pointer, String(before)),
		range,
		taken: [],
		colon: false,
		comma: false,
	};

	function key(pointer: string, at: Range, colon: boolean): Place {
		const comma = !colon && read.tokens[index + 1]?.kind === 'string';
		const object = read.containers.find((one) => one.pointer === pointer && one.kind === 'object');
		return { kind: 'key', pointer, range: at, taken: object?.keys ?? [], colon, comma };
	}
}

function innermost(read: Outline, position: number): Container | undefined {
	let found: Container | undefined;
	for (const container of read.containers) {
		if (container.from < position && position <= container.to && (found === undefined || container.from > found.from)) {
			// Just behind the closing bracket is outside, unless the bracket is missing.
			const closed = read.tokens.some(
				(token) => token.to === container.to && (token.kind === '}' || token.kind === ']'),
			);
			if (position === container.to && closed) continue;
			found = container;
		}
	}
	return found;
}
