/** Who is signed in, and on which site they work. */
import { computed, signal } from '@preact/signals';
import { Api, ApiError } from '../api/http.ts';
import type { Session, Site } from '../api/types.ts';

export const api = new Api();

export type Door =
	| { readonly at: 'opening' }
	| { readonly at: 'outside'; readonly error: ApiError | undefined }
	| { readonly at: 'inside'; readonly session: Session };

export const door = signal<Door>({ at: 'opening' });

const chosen = signal('');

/** The site in hand; empty while nobody is signed in. */
export const siteId = computed(() => {
	const { value } = door;
	if (value.at !== 'inside') return '';
	return value.session.sites.includes(chosen.value) ? chosen.value : (value.session.sites[0] ?? '');
});

/** What the edge last said about the site. */
export const site = signal<Site | undefined>(undefined);

/** How far the edge's clock is ahead of this one, in milliseconds: "how long" is told by the edge's. */
export const clockAhead = computed(() => (site.value === undefined ? 0 : site.value.now - heardAt));
let heardAt = 0;

export function chooseSite(id: string): void {
	chosen.value = id;
	site.value = undefined;
}

export async function refreshSite(): Promise<Site | undefined> {
	const id = siteId.value;
	if (id === '') return undefined;
	const answer = await api.site(id);
	if (id === siteId.value) {
		heardAt = Date.now();
		site.value = answer;
	}
	return answer;
}

/**
 * A token in the address (`#token=...`) is taken out of it before anything else happens: it must not stay in the history, in a
 * bookmark or in somebody's screenshot.
 */
export function takeToken(): string | undefined {
	const match = /^#token=([^&]+)/u.exec(location.hash);
	if (match === null) return undefined;
	history.replaceState(null, '', location.pathname + location.search);
	try {
		return decodeURIComponent(match[1] ?? '');
	} catch {
		return match[1];
	}
}

/** Come in with a token, or with the session this browser has already. */
export async function enter(token: string | undefined): Promise<void> {
	try {
		const session = token === undefined ? await api.session() : await api.signIn(token);
		door.value = { at: 'inside', session };
	} catch (cause) {
		const error = asApiError(cause);
		const plain = token === undefined && error.code === 'unauthorized';
		door.value = { at: 'outside', error: plain ? undefined : error };
	}
}

export async function leave(): Promise<void> {
	await api.signOut();
	door.value = { at: 'outside', error: undefined };
	site.value = undefined;
}

api.onSignedOut = () => {
	if (door.value.at === 'inside') door.value = { at: 'outside', error: new ApiError('session_ended', 401, '') };
};

/** What went wrong as something the screen can explain; a mistake of our own is `unexpected`. */
export function asApiError(cause: unknown): ApiError {
	return cause instanceof ApiError ? cause : new ApiError('unexpected', 0, cause instanceof Error ? cause.message : '');
}
