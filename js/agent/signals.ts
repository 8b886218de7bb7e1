/** What the agent notices by itself: pages, scroll depth, exit intent, idleness, clicks, hiding, and that someone is there. */
import type { Life } from './life.ts';
import { pageProps } from './page.ts';

/** Depths reported, in per cent of the page. */
const DEPTHS = [25, 50, 75, 90];
/** Nobody touched anything for this long. */
const IDLE_MS = 30_000;
/** Input is told to the engine at most this often; its clock of active time looks 30 s back. */
const ACTIVE_EVERY_MS = 1000;
/** Longest text of a clicked element. */
const TEXT_MAX_CHARS = 100;

export interface SignalHost {
	/** Something happened. */
	_event(name: string, props?: Record<string, unknown>): void;
	/** A page begins; `restored` from the back-forward cache. */
	_page(props: Record<string, unknown>, restored: boolean): void;
	_visible(): void;
	/** The document is no longer seen; `left` when it is also being left. The last good moment to send. */
	_hidden(left: boolean): void;
	_active(): void;
	/** The document is left, after it was hidden. */
	_leave(): void;
}

/** What tells two pages of one document apart: the path, and a fragment that is used as one (`#/cart`). */
export function pagePath({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): string {
	return pathname + (/^#[!/]/.test(hash) ? hash : '');
}

export function watchSignals(host: SignalHost, life: Life): void {
	let path = pagePath(location);
	let url = location.href;
	let deepest = 0;
	let exited = false;
	let lastInput = Date.now();
	let lastTold = 0;

	const begin = (referrer: string, restored = false): void => {
		deepest = 0;
		exited = false;
		path = pagePath(location);
		host._page(pageProps(referrer), restored);
		url = location.href;
	};

	// Pages within one document.
	const moved = (): void => {
		if (pagePath(location) !== path) begin(url);
		url = location.href;
	};
	const navigation = (window as { navigation?: EventTarget }).navigation;
	if (navigation) life._listen(navigation, 'currententrychange', moved);
	else {
		for (const name of ['pushState', 'replaceState'] as const) {
			const original = history[name];
			const ours = function (this: History, ...given: Parameters<typeof original>): void {
				original.apply(this, given);
				life._guard(moved);
			};
			history[name] = ours;
			// Somebody may have wrapped ours; then it stays, and does nothing.
			life._undo(() => {
				if (history[name] === ours) history[name] = original;
			});
		}
		life._listen(window, 'popstate', moved);
		life._listen(window, 'hashchange', moved);
	}
	life._listen(window, 'pageshow', ({ persisted }: PageTransitionEvent) => {
		if (!persisted) return;
		hidden = false;
		begin(document.referrer, true);
	});

	// Presence. Leaving a page hides it, in some browsers before `pagehide` and in others after it: it is told once, at the first.
	let hidden = document.visibilityState === 'hidden';
	const hide = (left: boolean): void => {
		if (hidden) return;
		hidden = true;
		host._event('tab_hidden');
		host._hidden(left);
	};
	const show = (): void => {
		hidden = false;
		host._visible();
		input();
	};
	life._listen(document, 'visibilitychange', () => (document.visibilityState === 'hidden' ? hide(false) : show()));
	life._listen(window, 'pagehide', () => {
		hide(true);
		host._leave();
	});
	let idling: (() => void) | undefined;
	const watchIdle = (): void => {
		const left = lastInput + IDLE_MS - Date.now();
		idling = left > 0 ? life._later(watchIdle, left) : undefined;
		if (!idling && document.visibilityState === 'visible') host._event('idle');
	};
	const input = (): void => {
		lastInput = Date.now();
		if (lastInput - lastTold < ACTIVE_EVERY_MS) return;
		lastTold = lastInput;
		host._active();
		if (!idling) watchIdle();
	};
	for (const type of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove'])
		life._listen(document, type, input);
	watchIdle();

	// Depth.
	let looking = false;
	const look = (): void => {
		looking = false;
		const { scrollHeight } = document.documentElement;
		const seen = ((scrollY + innerHeight) / scrollHeight) * 100;
		for (const depth of DEPTHS) {
			// A page that fits the window is not scrolled.
			if (depth > deepest && seen >= depth && scrollHeight > innerHeight) {
				deepest = depth;
				host._event('scroll', { percent_scrolled: depth });
			}
		}
	};
	life._listen(window, 'scroll', ({ target }: Event) => {
		input();
		if (target !== document || looking) return;
		looking = true;
		// Sizes are read when the browser has them anyway.
		requestAnimationFrame(() => life._guard(look));
	});

	// Exit intent: the pointer leaves through the top of the window, towards tabs and address. Touch has no such thing.
	if (matchMedia('(hover:hover) and (pointer:fine)').matches) {
		life._listen(document, 'mouseout', ({ relatedTarget, clientY }: MouseEvent) => {
			if (relatedTarget || clientY > 0 || exited) return;
			exited = true;
			host._event('exit_intent');
		});
	}

	life._listen(document, 'click', ({ target }: MouseEvent) => {
		const element = target instanceof Element && target.closest('a,button,[role=button],input[type=submit]');
		if (!element) return;
		host._event('click', {
			link_url: (element as HTMLAnchorElement).href || undefined,
			link_text: (element.textContent || '').trim().slice(0, TEXT_MAX_CHARS),
			element_id: element.id || undefined,
		});
	});
}

/** The attributes of the device. */
export function deviceAttributes(): Record<string, unknown> {
	const agent = navigator as Navigator & { userAgentData?: { mobile: boolean } };
	const mobile = agent.userAgentData ? agent.userAgentData.mobile : /Mobi/.test(navigator.userAgent);
	const touch = navigator.maxTouchPoints > 0;
	const now = new Date();
	return {
		language: navigator.language,
		mobile,
		touch,
		// A tablet says that it is a desktop; what tells them apart is whether there is anything finer than a finger.
		type: mobile ? 'mobile' : touch && !matchMedia('(any-pointer:fine)').matches ? 'tablet' : 'desktop',
		width: innerWidth,
		hour: now.getHours(),
		weekday: now.getDay(),
	};
}
