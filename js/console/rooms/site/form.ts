/**
 * The site's document as a form: what stands in its fields, and the document that a change of one of them makes. Plain data and pure
 * functions. What is typed and means nothing is kept as it is, so that the checker, which knows better than a form, says what is wrong
 * with it; an empty part is left out, so that a form that says nothing is the document `{}`.
 */
import type { Document, Finding } from '../../api/types.ts';
import type { Item } from '../campaigns/workspace.ts';

export interface Calendar {
	readonly name: string;
	readonly dates: readonly unknown[];
}

/** The members of a value; none where it is no object. */
export function record(value: unknown): Record<string, unknown> {
	return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The holdout as its two fields show it. */
export function holdoutOf(site: Document): { share: string; seed: string } {
	const { share, seed } = record(site['holdout']);
	return { share: shown(share), seed: shown(seed) };
}

export function withHoldout(site: Document, fields: { share: string; seed: string }): Document {
	const share = plain(fields.share);
	const seed = fields.seed.trim();
	const holdout = {
		...(share === '' ? {} : { share: /^\d+(?:\.\d*)?$/u.test(share) ? Number(share) : share }),
		...(seed === '' ? {} : { seed }),
	};
	return put(site, 'holdout', holdout);
}

export function calendarsOf(site: Document): Calendar[] {
	return Object.entries(record(site['calendars'])).map(([name, dates]) => ({
		name,
		dates: Array.isArray(dates) ? (dates as unknown[]) : [],
	}));
}

/** A new calendar under a name that is free. */
export function withCalendar(site: Document, wanted = 'calendar'): { site: Document; name: string } {
	const names = Object.keys(record(site['calendars']));
	let name = wanted;
	for (let n = 2; names.includes(name); n += 1) name = `${wanted}-${n}`;
	return { site: put(site, 'calendars', { ...record(site['calendars']), [name]: [] }), name };
}

export function withoutCalendar(site: Document, name: string): Document {
	const { [name]: _, ...others } = record(site['calendars']);
	return put(site, 'calendars', others);
}

/** A calendar under another name, in its place; undefined where the name is taken. */
export function renamed(site: Document, from: string, to: string): Document | undefined {
	const calendars = record(site['calendars']);
	if (from !== to && Object.hasOwn(calendars, to)) return undefined;
	const entries = Object.entries(calendars).map(([name, dates]) => [name === from ? to : name, dates]);
	return put(site, 'calendars', Object.fromEntries(entries) as Record<string, unknown>);
}

export function withDates(site: Document, name: string, text: string): Document {
	return put(site, 'calendars', { ...record(site['calendars']), [name]: datesIn(text) });
}

/** One a line. */
export function textOfDates(dates: readonly unknown[]): string {
	return dates.map(shown).join('\n');
}

/** Names of traits in a text: one a line, each once. A name may hold spaces, commas and any script. */
export function namesIn(text: string): string[] {
	const names = text.split(/\r?\n/u).map((line) => line.trim());
	return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * The dates in a text: one a line, or with spaces or commas between. A date as spreadsheets write it (2026/1/5, 2026年1月5日, full-width)
 * is written as the document needs it; what is no date stays as it was typed.
 */
export function datesIn(text: string): string[] {
	return plain(text)
		.split(/[\s,、]+/u)
		.filter((word) => word !== '')
		.map((word) => {
			const [, year = '', month = '', day = ''] = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u.exec(word) ?? [];
			return year === '' ? word : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
		});
}

/** Campaigns that name a calendar. */
export function usersOf(campaigns: readonly Item[], name: string): Item[] {
	return campaigns.filter(({ document }) => {
		const { closed, open } = record(record(record(document)['schedule'])['calendar']) as {
			closed?: unknown;
			open?: unknown;
		};
		return closed === name || open === name;
	});
}

/** What is said about the site's document at a place or below it. */
export function findingsAt(findings: readonly Finding[], path: string): Finding[] {
	return findings.filter(
		(one) => one.campaign === '' && (one.path === path || path === '' || one.path.startsWith(`${path}/`)),
	);
}

/** The place of a calendar. */
export function pathOf(name: string): string {
	return `/calendars/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function put(site: Document, member: string, value: Record<string, unknown>): Document {
	const { [member]: _, ...others } = site;
	return Object.keys(value).length === 0 ? others : { ...site, [member]: value };
}

function shown(value: unknown): string {
	return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Full-width digits and signs, as Japanese input gives them, are meant as the plain ones. */
function plain(text: string): string {
	return text.normalize('NFKC').trim();
}
