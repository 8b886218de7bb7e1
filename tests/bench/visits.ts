/** The visitor: thirty attributes, two hundred past events in four visits, and as many visits more as are asked for. */
import type { Attributes, Input, Properties } from './contender.ts';
import { random, type Random } from '../random.ts';
import { BRANDS, CANCELS, CATEGORIES, EVENTS, PAGE_TYPES, STAYS_MS, spreadEvent } from './rules.ts';

const BEGIN = Date.UTC(2026, 0, 5, 9);
/** Longer than the silence that ends a session, so each visit is one. */
const BETWEEN_VISITS_MS = 3 * 60 * 60_000;
export const EVENTS_A_VISIT = 50;
export const PAST_VISITS = 4;

export const newAttributes = (): Attributes => ({
	visitor: { first_seen: BEGIN - 90 * 86_400_000, last_seen: BEGIN - 86_400_000 },
	geo: { country: 'JP', region: '13', city: 'Taito', organisation: 'Example Net' },
	device: { language: 'ja', mobile: true, touch: true, width: 390 },
	traits: {
		plan: 'pro',
		tier: 'silver',
		gender: 'f',
		age: 34,
		score: 71.5,
		orders: 6,
		points: 1840,
		newsletter: true,
		member: true,
		channel: 'mail',
		industry: 'retail',
		birthday_month: 11,
		store: 'asakusa',
	},
	segments: ['returning', 'tea', 'tokyo'],
	page: { url: '', path: '', title: '', referrer: '', type: 'home', category: CATEGORIES[0]!, price: 0 },
});

/** What a page view says of its page, as attributes. */
export const pageOf = (props: Properties): Attributes['page'] => ({
	url: props['page_location']!,
	path: props['page_path']!,
	title: props['page_title']!,
	referrer: props['page_referrer']!,
	type: props['type']!,
	category: props['category']!,
	price: props['price']!,
});

function pageView(r: Random): Properties {
	const category = r.pick(CATEGORIES);
	const path = `/shop/${category}/${r.below(1000)}`;
	return {
		page_location: `https://shop.example${path}`,
		page_path: path,
		page_title: `Item of ${category}`,
		page_referrer: 'https://shop.example/',
		type: r.pick(PAGE_TYPES),
		category,
		price: r.below(500),
		brand: r.pick(BRANDS),
	};
}

const item = (r: Random): Properties => ({
	category: r.pick(CATEGORIES),
	brand: r.pick(BRANDS),
	price: r.below(500),
	quantity: 1 + r.below(3),
});

/**
 * The `number`th visit: 50 events on about seven pages, the stays that come up between them, one event that cancels near the end of every
 * third, and the leave. No event falls on the millisecond of a stay, so what answers to which is never in doubt.
 */
export function visit(number: number): Input[] {
	const r = random(1000 + number);
	const inputs: Input[] = [];
	let at = BEGIN + number * BETWEEN_VISITS_MS;
	let page = at;
	let stays: readonly number[] = [];
	for (let n = 0; n < EVENTS_A_VISIT; n++) {
		const begins = n % 7 === 0;
		for (const ms of stays) if (page + ms < at) inputs.push({ kind: 'stay', at: page + ms, ms });
		stays = stays.filter((ms) => page + ms >= at);
		const cancels = number % 3 === 0 && n === EVENTS_A_VISIT - 6;
		const name = begins ? 'page_view' : cancels ? r.pick(CANCELS) : r.pick(EVENTS.slice(1));
		const props = begins ? pageView(r) : cancels ? { transaction_id: `t${number}`, value: 10 } : item(r);
		inputs.push({ kind: 'event', at, name, props });
		if (begins) {
			page = at;
			stays = STAYS_MS;
		}
		at += 1000 * r.below(12) + 137;
	}
	for (const ms of stays) if (page + ms < at) inputs.push({ kind: 'stay', at: page + ms, ms });
	inputs.push({ kind: 'leave', at });
	return inputs;
}

/** The visits before the bench begins. */
export const past = (): Input[] => Array.from({ length: PAST_VISITS }, (_, number) => visit(number)).flat();

/** The page on which the events of `spreadEvents` happen. */
export const spreadPage = (): Input[] => [
	{ kind: 'event', at: BEGIN + PAST_VISITS * BETWEEN_VISITS_MS, name: 'page_view', props: pageView(random(3)) },
];

/** For campaigns that are spread over `names` events: `amount` events of one long session, the `lap`th time. */
export function spreadEvents(names: number, amount: number, lap: number): Input[] {
	const r = random(500_000 + lap);
	return Array.from({ length: amount }, (_, n) => ({
		kind: 'event',
		at: BEGIN + PAST_VISITS * BETWEEN_VISITS_MS + (lap * amount + n + 1) * 2000,
		name: spreadEvent(r.below(names)),
		props: item(r),
	}));
}
