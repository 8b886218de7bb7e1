/** The campaigns: drawn from one seed, told to Noren as documents and to every peer in its own words. */
import { random, type Random } from '../random.ts';

export type Scalar = string | number | boolean;

/** One question about one attribute. `has`: a list holds the value. */
export type Test =
	| { readonly path: string; readonly op: 'eq' | 'ne' | 'gte' | 'lt' | 'has'; readonly value: Scalar }
	| { readonly path: string; readonly op: 'in'; readonly value: readonly Scalar[] };

/** One test, or several of which one suffices. All clauses of a list must hold. */
export type Clause = Test | { readonly any: readonly Test[] };

export type Trigger =
	/** So many events of a name whose properties pass, within a time (or the session), counted anew each time the number is reached. */
	| {
			readonly kind: 'count';
			readonly event: string;
			readonly where: readonly Test[];
			readonly atLeast: number;
			readonly withinMs: number | 'session';
	  }
	/** So long on a page that passes. */
	| { readonly kind: 'dwell'; readonly page: readonly Test[]; readonly ms: number };

export interface Rule {
	readonly id: string;
	readonly audience: readonly Clause[];
	readonly trigger: Trigger;
	/** An event that silences the campaign for the rest of the session. */
	readonly cancel: string | undefined;
}

export const EVENTS = [
	'page_view',
	'view_item',
	'view_item_list',
	'select_item',
	'add_to_cart',
	'search',
	'view_promotion',
	'select_promotion',
	'share',
	'video_start',
] as const;
export const CANCELS = ['purchase', 'sign_up', 'generate_lead'] as const;
export const STAYS_MS = [10_000, 20_000, 30_000, 45_000, 60_000] as const;
export const CATEGORIES = Array.from({ length: 24 }, (_, number) => `category-${number}`);
export const BRANDS = Array.from({ length: 12 }, (_, number) => `brand-${number}`);
export const PAGE_TYPES = ['home', 'list', 'product', 'cart', 'article'] as const;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WINDOWS = ['session', 'session', 2 * MINUTE_MS, 10 * MINUTE_MS, DAY_MS, 7 * DAY_MS] as const;

/** Questions an audience asks; about two in three visitors pass each. */
const QUESTIONS: readonly ((r: Random) => Test)[] = [
	(r) => ({ path: 'geo.country', op: 'in', value: r.some(['JP', 'US', 'DE', 'FR', 'TW'], 4) }),
	(r) => ({ path: 'geo.region', op: 'ne', value: r.pick(['13', '27', '14']) }),
	(r) => ({ path: 'device.mobile', op: 'eq', value: !r.chance(30) }),
	(r) => ({ path: 'device.width', op: 'gte', value: r.pick([320, 375, 390, 768]) }),
	(r) => ({ path: 'device.language', op: 'in', value: r.some(['ja', 'en', 'de', 'zh'], 3) }),
	(r) => ({ path: 'traits.plan', op: 'eq', value: r.pick(['pro', 'pro', 'free']) }),
	(r) => ({ path: 'traits.tier', op: 'in', value: r.some(['gold', 'silver', 'bronze'], 2) }),
	(r) => ({ path: 'traits.age', op: 'gte', value: 18 + r.below(25) }),
	(r) => ({ path: 'traits.age', op: 'lt', value: 30 + r.below(40) }),
	(r) => ({ path: 'traits.orders', op: 'gte', value: r.below(9) }),
	(r) => ({ path: 'traits.points', op: 'lt', value: 500 + r.below(3000) }),
	(r) => ({ path: 'traits.newsletter', op: 'eq', value: r.chance(70) }),
	(r) => ({ path: 'traits.channel', op: 'ne', value: r.pick(['search', 'social', 'mail']) }),
	(r) => ({ path: 'segments', op: 'has', value: r.pick(['vip', 'returning', 'tea', 'coffee']) }),
	(r) => ({ path: 'page.price', op: 'lt', value: 100 + r.below(400) }),
	(r) => ({ path: 'page.type', op: 'ne', value: r.pick(PAGE_TYPES) }),
];

function audience(r: Random): Clause[] {
	const questions = r.some(QUESTIONS, 2 + r.below(3));
	return questions.map((question) => (r.chance(15) ? { any: [question(r), r.pick(QUESTIONS)(r)] } : question(r)));
}

const category = (r: Random, path: string): Test =>
	r.chance(50) ? { path, op: 'eq', value: r.pick(CATEGORIES) } : { path, op: 'in', value: r.some(CATEGORIES, 3) };

function count(r: Random, event: string): Trigger {
	const where: Test[] = r.chance(90)
		? [category(r, 'event.category')]
		: [{ path: 'event.brand', op: 'eq', value: r.pick(BRANDS) }];
	if (r.chance(40)) where.push({ path: 'event.price', op: 'gte', value: r.below(300) });
	return { kind: 'count', event, where, atLeast: r.pick([2, 3, 3, 5]), withinMs: r.pick(WINDOWS) };
}

function dwell(r: Random): Trigger {
	const page: Test[] = [{ path: 'page.type', op: 'eq', value: r.pick(PAGE_TYPES) }, category(r, 'page.category')];
	return { kind: 'dwell', page, ms: r.pick(STAYS_MS) };
}

/** Ids sort as their numbers do. */
const id = (number: number): string => `c${String(number).padStart(5, '0')}`;

/** A site's campaigns: two thirds count, one third wait for a stay; nine in ten can be cancelled. */
export function mixed(amount: number): Rule[] {
	const r = random(7);
	return Array.from({ length: amount }, (_, number) => ({
		id: id(number),
		audience: audience(r),
		trigger: number % 3 === 2 ? dwell(r) : count(r, r.pick(EVENTS)),
		cancel: r.chance(90) ? r.pick(CANCELS) : undefined,
	}));
}

/** Campaigns of which any one event can change ten, however many there are. */
export function spread(amount: number): Rule[] {
	const r = random(8);
	return Array.from({ length: amount }, (_, number) => ({
		id: id(number),
		audience: audience(r),
		trigger: count(r, spreadEvent(Math.floor(number / 10))),
		cancel: r.pick(CANCELS),
	}));
}

export const spreadEvent = (number: number): string => `event_${number}`;

/** The campaign as a marketer publishes it. */
export function document(rule: Rule): object {
	const { trigger } = rule;
	const clauses = (list: readonly Clause[]): object => {
		const whole: Record<string, unknown> = {};
		const more: object[] = [];
		for (const clause of list) {
			if ('any' in clause) more.push({ $or: clause.any.map((test) => ({ [test.path]: asked(test) })) });
			else if (clause.path in whole) more.push({ [clause.path]: asked(clause) });
			else whole[clause.path] = asked(clause);
		}
		return more.length ? { ...whole, $and: more } : whole;
	};
	return {
		id: rule.id,
		status: 'live',
		audience: clauses(rule.audience),
		trigger:
			trigger.kind === 'count'
				? {
						count: {
							event: trigger.event,
							where: clauses(trigger.where),
							at_least: trigger.atLeast,
							within: trigger.withinMs === 'session' ? 'session' : `${trigger.withinMs / 1000}s`,
						},
					}
				: { dwell: { page: clauses(trigger.page), time: `${trigger.ms / 1000}s`, clock: 'wall', across: 'page' } },
		...(rule.cancel ? { cancel: [{ on: rule.cancel, hold: 'session' }] } : {}),
		variants: [{ id: 'a', weight: 100, action: { kind: 'popup', title: { en: `Offer ${rule.id}` } } }],
	};
}

/** GrowthBook's words for one test, which are Noren's too. */
export function asked(test: Test): unknown {
	if (test.op === 'eq') return test.value;
	if (test.op === 'has') return { $all: [test.value] };
	return { [`$${test.op}`]: test.value };
}
