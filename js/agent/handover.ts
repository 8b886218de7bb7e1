/**
 * The meeting place of tag.js and agent.js: two bundles that load at different times and see only these names.
 *
 * tag.js stamps and numbers everything that will be an event from the first moment of the page, so that what it had to send before the
 * agent was there and what the agent sends later are the same events to the edge: (device, stream, number) is applied once.
 */

/** `open`: no question is asked. `ask`: nothing is kept or sent before the answer. `cookieless`: nothing is kept. `off`: nothing at all. */
export type ConsentMode = 'open' | 'ask' | 'cookieless' | 'off';

/** One event as the device holds it and as it is sent. `at` is the device's own clock, Unix ms. */
export interface HeldEvent {
	readonly n: number;
	/** Changed only when a prerendered page is shown, before anybody saw it. */
	at: number;
	readonly name: string;
	readonly props?: Record<string, unknown>;
}

/** Something that came in by `noren(...)` or `dataLayer.push(...)`: an event, a verb, or a verb that is an event as well. */
export interface Item {
	readonly event?: HeldEvent;
	readonly verb?: string;
	readonly args?: readonly unknown[];
	/** Settles the promise of a call. */
	readonly done?: (result?: unknown) => void;
}

/** The answer of `/noren/v1/site`. */
export interface SiteAnswer {
	readonly program: string;
	readonly consent: ConsentMode;
	readonly now: number;
	/** The edge stands at an address of the site's own, so that a cookie may remember what storage forgets. */
	readonly cookie?: boolean;
}

/** What tag.js hands to the agent; both write into it. */
export interface Handover {
	site: string;
	/** Origin of the edge. */
	edge: string;
	/** Nonce of the tag's script element, for pages with a strict policy. */
	nonce: string;
	/** When the page began, Unix ms by the device's clock. */
	started: number;
	/** This page load's stream. */
	stream: string;
	/** The next number in it. */
	next: number;
	/** In the order they happened; the first is the page view. */
	items: Item[];
	/** Set by the agent: from then on items go here. */
	take?: (item: Item) => void;
	/** The mode that the tag's own attribute names; it goes before the site's. */
	mode: ConsentMode | undefined;
	/** The page was left before the agent was there, and told the edge so; the stream is not continued after it. */
	left?: boolean;
	/** When `answer` was asked for, by the device's clock: with its `now` this gives the offset between the clocks. */
	asked: number;
	answer: Promise<SiteAnswer | undefined>;
	wasm: Promise<WebAssembly.Module>;
}
