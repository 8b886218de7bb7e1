import type { Content } from '../../shared/widget.ts';

/**
 * A campaign's colours, made safe. Only opaque colours in a form whose numbers we can read are taken: what a declaration smuggles in
 * (`url(...)`, `var(...)`, a second declaration) never matches, and contrast can be computed and kept. A translucent box over an
 * unknown page could promise nothing.
 */
export type Rgb = readonly [red: number, green: number, blue: number];

const HEX = /^#([\da-f]{3}|[\da-f]{6})$/i;
const FUNCTION = /^(rgb|hsl)a?\(\s*([\d.]+)(?:deg)?[\s,]+([\d.]+)%?[\s,]+([\d.]+)%?\s*\)$/i;

/** The surfaces that stand when a theme names a text colour but no background. */
const LIGHT: Rgb = [255, 255, 255];
const DARK: Rgb = [30, 31, 35];
/** Black, not a softer ink: only with it does every colour reach 4.5 with one of the two. */
const INK: Rgb = [0, 0, 0];

/** Reads `#abc`, `#aabbcc`, `rgb(...)` or `hsl(...)`; anything else is `undefined`. */
export function parseColour(value: unknown): Rgb | undefined {
	if (typeof value !== 'string') return undefined;
	const hex = HEX.exec(value.trim())?.[1];
	if (hex) {
		const parts = hex.length === 3 ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? []);
		return parts.map((part) => parseInt(part, 16)) as unknown as Rgb;
	}
	const [, kind, ...rest] = FUNCTION.exec(value.trim()) ?? [];
	const [a = 0, b = 0, c = 0] = rest.map(Number);
	if (!kind || !(a <= 360 && b <= 255 && c <= 255)) return undefined;
	if (kind.toLowerCase() === 'rgb') return a > 255 || value.includes('%') ? undefined : [a, b, c];
	if (b > 100 || c > 100) return undefined;
	// CSS Color 4, section 7.1: hsl to rgb.
	const light = c / 100;
	const channel = (n: number): number => {
		const k = (n + a / 30) % 12;
		return Math.round(255 * (light - (b / 100) * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
	};
	return [channel(0), channel(8), channel(4)];
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
