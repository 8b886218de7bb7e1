import type { Content } from '../../shared/widget.ts';

/**
 * A campaign's colours, made safe. Only the forms that a campaign document may hold are taken (`#abc`, `#aabbcc`, each with or without
 * alpha): what a declaration smuggles in (`url(...)`, `var(...)`, a second declaration) never matches, and contrast can be computed and
 * kept. Alpha is dropped: a translucent box over an unknown page could promise nothing.
 */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The surfaces that stand when a theme names a text colour but no background. */
const LIGHT: Rgb = [255, 255, 255];
const DARK: Rgb = [30, 31, 35];
/** Black, not a softer ink: only with it does every colour reach 4.5 with one of the two. */
const INK: Rgb = [0, 0, 0];

/** Reads `#abc`, `#abcd`, `#aabbcc` or `#aabbccdd`; anything else is `undefined`. */
export function parseColour(value: unknown): Rgb | undefined {
	const [, digits] = /^#((?:[\da-f]{3,4}){1,2})$/i.exec(String(value)) ?? [];
	if (!digits || digits.length === 7) return undefined;
	const width = digits.length > 4 ? 2 : 1;
	const channel = (place: number): number => {
		const part = digits.slice(place * width, place * width + width);
		return parseInt(width === 1 ? part + part : part, 16);
	};
	return [channel(0), channel(1), channel(2)];
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
	const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

function luminance(colour: Rgb): number {
	const [r, g, b] = colour.map((value) => {
		const v = value / 255;
		return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Dark or light ink, whichever reads better on `background`. */
function inkOn(background: Rgb): Rgb {
	return contrast(LIGHT, background) > contrast(INK, background) ? LIGHT : INK;
}

/**
 * The properties a theme sets on the widget's wrapper. What it leaves out, or gets wrong, keeps the style sheet's default, which
 * follows the visitor's light or dark preference; a theme that names a surface or its text has chosen for both.
 * Text that would not be readable on its surface (contrast under 4.5) gives way to one that is.
 */
export function palette(theme: Content['theme']): Readonly<Record<string, string>> {
	const properties: Record<string, string> = {};
	const set = (name: string, colour: Rgb): void => {
		properties[name] = `rgb(${colour.join(' ')})`;
	};
	const accent = parseColour(theme?.accent);
	if (accent) {
		set('--accent', accent);
		set('--on', inkOn(accent));
	}
	const text = parseColour(theme?.text);
	const background = parseColour(theme?.background) ?? (text && (contrast(text, LIGHT) >= 4.5 ? LIGHT : DARK));
	if (background) {
		const ink = inkOn(background);
		set('--bg', background);
		set('--fg', text && contrast(text, background) >= 4.5 ? text : ink);
		properties['color-scheme'] = ink === LIGHT ? 'dark' : 'light';
		if (!accent) {
			set('--accent', ink);
			set('--on', background);
		}
	}
	const radius = theme?.radius;
	if (typeof radius === 'number' && radius >= 0) properties['--radius'] = `${Math.min(radius, 32)}px`;
	return properties;
}
