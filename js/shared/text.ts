import type { Text } from './widget.ts';

/**
 * Chooses the language of a text: the whole tag (`pt-BR`), its first part (`pt`), English, then whatever was given first.
 * An absent text is the empty string.
 */
export function pickText(text: Text | undefined, language: string): string {
	if (text === undefined) return '';
	if (typeof text === 'string') return text;
	for (const key of [language, primaryLanguage(language), 'en', Object.keys(text)[0]]) {
		// Own properties only: a language called `constructor` must not find one.
		if (key !== undefined && Object.hasOwn(text, key)) return String(text[key]);
	}
	return '';
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
