import { h } from '../../shared/dom.ts';
import { languageOf, textDirection } from '../../shared/text.ts';
import type { CloseReason, Content, WidgetContext } from '../../shared/widget.ts';
import { watchComposition } from './composition.ts';
import { baseStyles } from './styles.ts';
import { palette } from './theme.ts';
import { frameWords, wordsIn } from './words.ts';

/**
 * What every widget stands in: a wrapper with language, direction, theme and style sheet; one life that ends once, takes every
 * listener and timer with it, gives the focus back and then tells the agent.
 *
 * There is no animation on the way out: a close that the visitor made must be on record before anything else can happen to the page.
 */
export interface Frame {
	readonly wrapper: HTMLElement;
	/** Aborts when the widget is gone; listeners are tied to it. */
	readonly signal: AbortSignal;
	/** Whether a key or a close request belongs to an input method right now. */
	readonly composing: () => boolean;
	/** Ends the widget; only the first call counts. */
	close(reason: CloseReason): void;
	/** Runs once after a while, unless the widget is gone by then. */
	later(run: () => void, delayMs: number): void;
	/** A round button with a cross that closes, or does what is given instead. */
	closeButton(instead?: () => void): HTMLButtonElement;
}

/** Opens a frame in `root`. `content` and `css` are the widget's own; `leaving` runs first when it closes. */
export function openFrame(
	root: ShadowRoot,
	content: Content,
	context: WidgetContext,
	css: string,
	leaving: (reason: CloseReason) => void = () => {},
): Frame {
	const life = new AbortController();
	const { signal } = life;
	// Of what is said, not of who reads it: a voice must not speak English words by the rules of French.
	const lang = languageOf(content.title ?? content.body, context.language);
	const wrapper = h('div', { class: 'n', lang, dir: textDirection(lang) });
	const theme = palette(content.theme);
	for (const name in theme) wrapper.style.setProperty(name, theme[name] ?? '');

	// A page shortcut must not fire for what is typed here: outside of the shadow tree the event seems to come from a plain element.
	for (const type of ['keydown', 'keypress', 'keyup']) {
		wrapper.addEventListener(type, (event) => event.stopPropagation(), { signal });
	}

	// Where the focus came from, each time it walks in from the page. Moves inside, and returns to the window, say nothing about that.
	let before: EventTarget | null = null;
	wrapper.addEventListener(
		'focusin',
		({ relatedTarget }) => {
			if (relatedTarget && !wrapper.contains(relatedTarget as Node)) before = relatedTarget;
		},
		{ signal },
	);

	const timers = new Set<ReturnType<typeof setTimeout>>();
	const frame: Frame = {
		wrapper,
		signal,
		composing: watchComposition(wrapper, signal),
		close(reason) {
			if (signal.aborted) return;
			leaving(reason);
			const focused = root.activeElement !== null;
			life.abort();
			timers.forEach(clearTimeout);
			wrapper.querySelector('dialog')?.close();
			wrapper.remove();
			if (focused && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
			context.closed(reason);
		},
		later(run, delayMs) {
			const timer = setTimeout(() => {
				timers.delete(timer);
				run();
			}, delayMs);
			timers.add(timer);
		},
		closeButton(instead = () => frame.close('button')) {
			const label = wordsIn(frameWords, context.language).close;
			const button = h('button', { class: 'x', type: 'button', 'aria-label': label });
			button.addEventListener('click', instead, { signal });
			return button;
		},
	};

	dress(root, baseStyles + css, context.nonce);
	root.append(wrapper);
	// The first callback runs before the frame with the widget in it is drawn, the second after it.
	requestAnimationFrame(() =>
		requestAnimationFrame(() => {
			if (!signal.aborted) context.painted();
		}),
	);
	return frame;
}

/** Constructed sheets need no permission from the page's policy; where they are missing, a style element carries the nonce. */
function dress(root: ShadowRoot, css: string, nonce: string): void {
	if ('adoptedStyleSheets' in root) {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(css);
		root.adoptedStyleSheets = [sheet];
	} else {
		(root as ShadowRoot).replaceChildren(h('style', { nonce }, css));
	}
}
