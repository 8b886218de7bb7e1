/**
 * Builds elements. Text only ever becomes text nodes: nothing in the shop
 * parses markup from strings.
 */

/** @typedef {Node | string | number | null | false | undefined} Child */
/** @typedef {Record<string, string | number | boolean | undefined | ((event: any) => void)>} Props */

/**
 * `h("a", {class: "x", href: "/", onclick: f}, "text", child)`. A property that
 * starts with `on` listens; `true` is an empty attribute, `false` and
 * `undefined` are none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(props)) {
		if (typeof value === 'function') {
			element.addEventListener(name.slice(2), value);
		} else if (value !== false && value !== undefined) {
			element.setAttribute(name, value === true ? '' : String(value));
		}
	}
	for (const child of children) {
		if (child === null || child === undefined || child === false) continue;
		element.append(typeof child === 'number' ? String(child) : child);
	}
	return element;
}

/**
 * A product picture with its size, so that the page keeps its shape while it
 * loads. Decorative: the product's name always stands next to it.
 * @param {string} id
 * @param {{eager?: boolean}} [options]
 */
export function picture(id, { eager = false } = {}) {
	return h('img', {
		src: `/shop/art/${id}.svg`,
		width: 400,
		height: 400,
		alt: '',
		loading: eager ? 'eager' : 'lazy',
		decoding: 'async',
	});
}
