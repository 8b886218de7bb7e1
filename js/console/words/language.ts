/** The two languages of the console, and how a sentence is filled in. */

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first of the browser's languages that the console speaks; English otherwise. */
export function preferred(wanted: readonly string[]): Language {
	for (const tag of wanted) {
		const primary = tag.toLowerCase().split('-')[0];
		for (const language of LANGUAGES) if (language === primary) return language;
	}
	return 'en';
}

export type Values = { readonly [name: string]: string | number };

/**
 * Fill `{name}`; `{n#visitor|visitors}` picks the word for one or for more by the number `n`. A value is put in as it is: it never
 * becomes part of the pattern.
 */
export function fill(pattern: string, values: Values = {}, show: (value: number) => string = String): string {
	return pattern.replace(/\{(\w+)(?:#([^|}]*)\|([^}]*))?\}/gu, (whole, name: string, one?: string, many?: string) => {
		const value = Object.hasOwn(values, name) ? values[name] : undefined;
		if (value === undefined) return whole;
		if (one !== undefined && many !== undefined) return value === 1 ? one : many;
		return typeof value === 'number' ? show(value) : value;
	});
}

/** The names a pattern wants; for the test that both languages want the same. */
export function wants(pattern: string): string[] {
	return [...new Set([...pattern.matchAll(/\{(\w+)/gu)].map((match) => match[1] ?? ''))].sort();
}

/** A text that may be given by language (as in campaign documents): this language, else English, else the first there is. */
export function pick(text: unknown, language: Language): string {
	if (typeof text === 'string') return text;
	if (text === null || typeof text !== 'object' || Array.isArray(text)) return '';
	const texts = text as Record<string, unknown>;
	for (const one of [texts[language], texts['en'], ...Object.values(texts)])
		if (typeof one === 'string' && one !== '') return one;
	return '';
}
