import type { Text } from './widget.ts';

/**
 * Chooses the language of a text: the whole tag (`pt-BR`), its first part (`pt`), English, then whatever was given first.
 * An absent text is the empty string.
 */
export function pickText(text: Text | undefined, language: string): string {
	if (text === undefined) return '';
	if (typeof text === 'string') return text;
	const key = languageOf(text, language);
	return Object.hasOwn(text, key) ? String(text[key]) : '';
}

/** The language in which a text is given to who asked for `language`: of a plain string, which is the same in all, that one. */
export function languageOf(text: Text | undefined, language: string): string {
	if (typeof text !== 'object') return language;
	const keys = [language, primaryLanguage(language), 'en', ...Object.keys(text)];
	// Own properties only: a language called `constructor` must not find one.
	return keys.find((key) => Object.hasOwn(text, key)) ?? language;
}

/** `ja` of `ja-JP`, in lower case. */
export function primaryLanguage(language: string): string {
	return (language.split(/[-_]/)[0] ?? '').toLowerCase();
}

/**
 * Fills `{{traits.name|fallback}}`. `lookup` answers for the name before the bar; where it has nothing, or only white space, the
 * fallback stands, and without a fallback nothing does. What is filled in is not looked at again, so a visitor who is called
 * `{{traits.email}}` sees exactly that.
 */
export function fillText(text: string, lookup: (name: string) => string | undefined): string {
	return text.replace(/\{\{\s*([^{}|]+?)\s*(?:\|([^{}]*))?\}\}/g, (_, name: string, fallback: string | undefined) => {
		const found = lookup(name);
		return found?.trim() ? found : (fallback ?? '').trim();
	});
}

const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|ks|ku|ps|sd|ug|ur|yi)$/;

/** The writing direction of a language, for the `dir` attribute. */
export function textDirection(language: string): 'ltr' | 'rtl' {
	return RIGHT_TO_LEFT.test(primaryLanguage(language)) ? 'rtl' : 'ltr';
}
