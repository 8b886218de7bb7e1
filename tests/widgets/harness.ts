/**
 * The page's side of the widget tests: it lends a widget what the agent would, writes down what the widget says, and plays the edge of
 * a conversation. Everything is within reach of a test as `window.harness`.
 */
import { pickText, fillText } from '../../js/shared/text.ts';
import type { CloseReason, Content, CouponAnswer, Mount, WidgetContext, WidgetHandle } from '../../js/shared/widget.ts';
import { FakeEdge } from './fakeEdge.ts';

export interface ShowOptions {
	readonly language?: string;
	readonly asked?: boolean;
	/** Answers of successive coupon claims; `wait` keeps the claim open until `harness.answer` is called. */
	/** A number refuses as too many requests do, with so many seconds to wait. */
	readonly coupons?: readonly (CouponAnswer | 'wait' | 'throw' | number)[];
	readonly memory?: Readonly<Record<string, string>>;
	/** A visitor of whom nothing may be kept. */
	readonly forgets?: boolean;
	/** What visitors' traits answer in `{{...}}`. */
	readonly traits?: Readonly<Record<string, string>>;
}

/** One call that the widget made on its context. */
export type Call = readonly [name: string, detail?: string];

export class Harness {
	readonly calls: Call[] = [];
	readonly violations: string[] = [];
	readonly errors: string[] = [];
	readonly edge = new FakeEdge();
	readonly memory = new Map<string, string>();
	/** When the layout shifted so far, in milliseconds since the page began. */
	readonly shifts: number[] = [];
	handle: WidgetHandle | undefined;
	answer: (answer: CouponAnswer) => void = () => {};

	constructor() {
		addEventListener('securitypolicyviolation', (event) =>
			this.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
		);
		addEventListener('error', (event) => this.errors.push(event.message));
		addEventListener('unhandledrejection', (event) => this.errors.push(String(event.reason)));
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) this.shifts.push(entry.startTime);
		}).observe({ type: 'layout-shift', buffered: true });
	}

	/** Loads the widget and shows it in a new host at the end of the body. */
	async show(kind: string, content: Omit<Content, 'kind'>, options: ShowOptions = {}): Promise<void> {
		const module = (await import(`/w/${kind}.js`)) as { mount: Mount };
		const host = document.createElement('div');
		host.id = 'host';
		document.body.append(host);
		for (const name in options.memory) this.memory.set(name, options.memory[name] ?? '');
		const coupons = [...(options.coupons ?? [])];
		const language = options.language ?? 'en';
		const context: WidgetContext = {
			language,
			asked: options.asked ?? false,
			nonce: 'tests',
			text: (text) => fillText(pickText(text, language), (name) => options.traits?.[name.replace(/^traits\./, '')]),
			painted: () => this.calls.push(['painted']),
			clicked: (what) => this.calls.push(['clicked', what]),
			closed: (reason: CloseReason) => {
				this.calls.push(['closed', reason]);
				host.remove();
			},
			answered: (name, value) => this.calls.push(['answered', `${name} ${JSON.stringify(value)}`]),
			openChat: () => this.calls.push(['openChat']),
			coupon: () => {
				this.calls.push(['coupon']);
				const next = coupons.shift() ?? { ok: false, code: 'pool_empty' };
				if (typeof next === 'number') {
					return Promise.reject(new Response(null, { status: 429, headers: { 'Retry-After': String(next) } }));
				}
				if (next === 'throw') return Promise.reject(new Error('no network'));
				if (next !== 'wait') return Promise.resolve(next);
				return new Promise((resolve) => (this.answer = resolve));
			},
			chatSocket: () => this.edge.connect(),
			memory: (name, value) => {
				if (options.forgets) return undefined;
				if (value !== undefined) this.memory.set(name, value);
				return this.memory.get(name);
			},
		};
		this.handle = module.mount(host.attachShadow({ mode: 'open' }), { kind, ...content }, context);
	}

	/** The widget's shadow root while it is there. */
	get root(): ShadowRoot | null | undefined {
		return document.querySelector('#host')?.shadowRoot;
	}

	find(selector: string): HTMLElement | null {
		return this.root?.querySelector<HTMLElement>(selector) ?? null;
	}

	/** The tag and text of the element that has the focus, inside or outside of the widget. */
	get focused(): string {
		const element = this.root?.activeElement ?? document.activeElement;
		return element
			? `${element.tagName}${element.id && `#${element.id}`} ${element.ariaLabel ?? element.textContent}`
			: '';
	}

	names(): string[] {
		return this.calls.map((call) => call.join(' '));
	}
}

declare global {
	interface Window {
		harness: Harness;
	}
}
window.harness = new Harness();
