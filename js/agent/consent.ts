/**
 * What may be kept and sent. Before the answer in mode `ask` nothing is; the answer itself is kept so that the question is not asked on
 * every page, as the law allows.
 */
import type { ConsentMode } from './handover.ts';
import { storageKey } from './ids.ts';

export interface Consent {
	/** The mode and the visitor's answer, as every request states them: the edge keeps what these allow. */
	_said(): readonly [ConsentMode, string | null | undefined];
	/** Whether anything may be kept on the device. */
	_stores(): boolean;
	/** Whether anything may be sent. */
	_sends(): boolean;
	/** Categories granted, or `null` for all: what rules with a consent category see. */
	_granted(): readonly string[] | null;
	/** Takes an answer: `granted`, `denied` or a list of categories. Anything else is not an answer and changes nothing. */
	_answer(answer: unknown): boolean;
}

/** Google's names of storage for ours of categories. */
const GOOGLE: Readonly<Record<string, string>> = {
	analytics_storage: 'analytics',
	ad_storage: 'marketing',
	personalization_storage: 'personalization',
	functionality_storage: 'functional',
};

/** `disk` gives the browser's storage, which may throw. */
export function createConsent(site: string, mode: ConsentMode, disk: () => Storage = () => localStorage): Consent {
	const key = storageKey(site, 'c');
	const kept = (value?: string): string | null | undefined => {
		try {
			if (value === undefined) return disk().getItem(key);
			disk().setItem(key, value);
		} catch {
			// Blocked: the answer holds for this page.
		}
		return undefined;
	};
	/** `granted`, `denied`, or categories with commas. */
	let answer = mode === 'open' || mode === 'ask' ? kept() : undefined;
	if (answer === 'open') answer = undefined;
	// So that tag.js knows at the next visit, before the site has answered.
	if (mode === 'open' && !answer) kept(mode);

	const isGranted = (): boolean => (answer ? answer !== 'denied' : mode === 'open');
	return {
		_said: () => [mode, answer],
		_stores: () => mode !== 'cookieless' && isGranted(),
		_sends: () => isGranted() || (mode === 'cookieless' && !answer),
		_granted: () =>
			(answer ? answer === 'granted' : mode !== 'ask') ? null : answer && isGranted() ? answer.split(',') : [],
		_answer(given) {
			const list = Array.isArray(given) ? given.filter((c) => typeof c === 'string').join() : given;
			if (typeof list !== 'string') return false;
			answer = list || 'denied';
			if (mode !== 'cookieless') kept(answer);
			return true;
		},
	};
}

/** What a push of Google's consent mode grants: our categories, or nothing at all when it says nothing of storing. */
export function grantedByGoogle(state: unknown): string[] | undefined {
	if (typeof state !== 'object' || state === null || !('analytics_storage' in state)) return undefined;
	if (state.analytics_storage !== 'granted') return [];
	return Object.entries(state).flatMap(([name, value]) => (value === 'granted' && GOOGLE[name]) || []);
}
