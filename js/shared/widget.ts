/**
 * The meeting place of the agent and the widgets: two bundles that load at different times and see only these names.
 *
 * A widget module is an ES module with one export, `mount`. It draws into the shadow root it is given and never touches the page
 * outside of it; the agent owns the host element, loading, arbitration between widgets and all reporting.
 */

/** A text in one or several languages. A plain string is the same in all. */
export type Text = string | { readonly [language: string]: string };

/** One button of a widget. `link` follows `url` in the same tab (http, https or a path only), `close` closes, `chat` opens the panel. */
export interface Button {
	readonly label: Text;
	readonly action: 'link' | 'close' | 'chat';
	readonly url?: string;
}

/** The published action of a variant: what `/noren/c/HASH` answers. */
export interface Content {
	readonly kind: string;
	readonly title?: Text;
	readonly body?: Text;
	readonly image?: { readonly src: string; readonly alt: Text; readonly width: number; readonly height: number };
	readonly buttons?: readonly Button[];
	readonly coupon?: { readonly pool: string };
	readonly theme?: {
		readonly accent?: string;
		readonly background?: string;
		readonly text?: string;
		readonly radius?: number;
	};
	readonly position?: 'top' | 'bottom' | 'center' | 'corner' | 'tab' | 'slot';
	/** What stands on a feedback tab. */
	readonly tab?: Text;
	/** What a survey says at its end. */
	readonly thanks?: Text;
	readonly survey?: Survey;
	/** What a countdown says when it is over. */
	readonly ended?: Text;
	readonly countdown?: Countdown;
	readonly slot?: Slot;
	readonly items?: readonly Item[];
	/** Selector of a script element of the page with its own list of items. */
	readonly from?: string;
	/** The site's own HTML, for a frame that can reach nothing. */
	readonly html?: Text;
	/** Height of that frame at first, in CSS pixels. */
	readonly height?: number;
	/** A number that stands in the page, and the least that is worth saying. */
	readonly count?: { readonly from: string; readonly minimum: number };
}

export interface Survey {
	/** What was answered so far is kept under it. */
	readonly id: string;
	readonly questions: readonly Question[];
}

/** One question. Scales: `nps` 0 to 10, `csat` and `stars` 1 to 5, `ces` 1 to 7. */
export interface Question {
	readonly name: string;
	readonly type: 'nps' | 'csat' | 'ces' | 'stars' | 'choice' | 'text';
	readonly ask: Text;
	readonly required?: boolean;
	readonly low?: Text;
	readonly high?: Text;
	readonly options?: readonly { readonly value: string; readonly label: Text }[];
	readonly many?: boolean;
	readonly next?: readonly Way[];
}

/** A way on from a question: taken when all that it names holds. `go` is a later question, or `end`. */
export interface Way {
	readonly is?: string;
	readonly at_least?: number;
	readonly at_most?: number;
	readonly go: string;
}

/** What a question can be answered with; `undefined` where it was passed over. */
export type Answer = number | string | readonly string[] | undefined;

/** Either one moment for everybody (`until`, ISO 8601 with offset), or minutes from when the visitor first saw a countdown of that name. */
export interface Countdown {
	readonly until?: string;
	readonly minutes?: number;
	readonly name?: string;
}

/** A place in the page. */
export interface Slot {
	/** CSS selector; the first element that it finds. */
	readonly at: string;
	/** Room that the widget needs, in CSS pixels. */
	readonly height: number;
}

export interface Item {
	readonly id?: string;
	readonly title: Text;
	readonly url: string;
	readonly image?: Content['image'];
	readonly note?: Text;
	readonly price?: number;
	readonly currency?: string;
}

/** Why a widget went away. `retracted` and `shutdown` come from the agent, the others from the visitor. */
export type CloseReason = 'button' | 'escape' | 'backdrop' | 'link' | 'retracted' | 'shutdown';

/** The answer to a coupon claim; the same visitor gets the same code again. */
export type CouponAnswer =
	| { readonly ok: true; readonly code: string; readonly expires?: number; readonly terms?: CouponTerms }
	| { readonly ok: false; readonly code: string };

/** What a coupon is worth. `value` is in the currency's main unit for `amount`, in per cent for `percent`. */
export interface CouponTerms {
	readonly kind: 'amount' | 'percent';
	readonly value: number;
	readonly currency?: string;
	readonly minimum?: number;
}

/** What the agent lends a widget. */
export interface WidgetContext {
	/** BCP 47 language chosen for this visitor, for example `ja`. */
	readonly language: string;
	/** Resolve a text to the visitor's language and fill `{{traits.name|fallback}}`. Never markup. */
	text(text: Text | undefined): string;
	/** The first frame with the widget in it was drawn. */
	painted(): void;
	/** The visitor followed a button (`link:0`, `chat:1`: its action and its place), an item (`item:2`), copied a code (`copy`), opened a feedback tab (`tab`) or gave a survey its first answer (`answer`). */
	clicked(what: string): void;
	/** The widget is gone; call once, after it left the screen and focus went back. */
	closed(reason: CloseReason): void;
	/** The visitor answered the question `name`; rules find it as `visitor.answers.NAME`. */
	answered(name: string, value: number | string | readonly string[]): void;
	/** Claim (or show again) the coupon of this campaign. */
	coupon(): Promise<CouponAnswer>;
	/** A WebSocket to the visitor's conversation, already opened for this device; reconnecting is the widget's business. */
	chatSocket(): WebSocket;
	/** Open the chat panel widget in place of this one (used by `chat` buttons); the widget closes itself first. */
	openChat(): void;
	/** The visitor asked for this widget by `openChat`: a chat goes straight to its panel, without an invitation, and takes the focus. */
	readonly asked?: boolean;
	/**
	 * Where small widget state survives a reload (under the agent's own storage key); undefined where storage is not allowed. The chat
	 * keeps `chat` (`open` or `minimised`, empty when the visitor closed it): while it stands, a new page shows the chat again.
	 */
	memory(name: string, value?: string): string | undefined;
	/** Nonce for style elements on pages with a strict policy; constructable sheets are preferred. */
	readonly nonce: string;
}

/** What a widget hands back. */
export interface WidgetHandle {
	/** Leave now, without animation when `reason` is `retracted` or `shutdown`; must call `context.closed`. */
	close(reason: CloseReason): void;
	/** True while the visitor types in it, has typed something unsent, has focus inside a field, or is in a conversation: it is then not retracted. */
	busy(): boolean;
}

/** The single export of a widget module. */
export type Mount = (root: ShadowRoot, content: Content, context: WidgetContext) => WidgetHandle;
