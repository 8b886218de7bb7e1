import type { Text } from '../../shared/widget.ts';

/** The whole number in a text of the page (`1,234 sold`, `１２人`); `undefined` without one. */
export function countIn(text: string | undefined): number | undefined {
	const [digits] =
		text
			?.normalize('NFKC')
			.replace(/(\d)[,\s](?=\d{3})/g, '$1')
			.match(/\d+/) ?? [];
	return digits === undefined ? undefined : Number(digits);
}

/** `{{count}}` filled in, in every language, before anything else of the text is. */
export function withCount(text: Text | undefined, count: string): Text | undefined {
	const put = (one: string): string => one.replace(/\{\{\s*count\s*(\|[^{}]*)?\}\}/g, () => count);
	if (text === undefined) return undefined;
	return typeof text === 'string'
		? put(text)
		: Object.fromEntries(Object.entries(text).map(([language, one]) => [language, put(one)]));
}
