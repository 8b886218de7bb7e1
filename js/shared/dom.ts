/**
 * Building elements without markup: every string that reaches the document goes through `append` or `setAttribute`, never through
 * a parser. Attribute names come from our own code only; values that lead somewhere (`href`, `src`) must have passed `safeUrl`.
 */

/** What an element may contain; `undefined` and `false` are left out so that optional parts read well. */
export type Child = Node | string | undefined | false;

/** Makes an element. Attributes whose value is `undefined` are left out; strings become text nodes. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Readonly<Record<string, string | undefined>> = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const name in attributes) {
		const value = attributes[name];
		if (value !== undefined) element.setAttribute(name, value);
	}
	for (const child of children) if (child) element.append(child);
	return element;
}
