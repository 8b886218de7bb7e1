/**
 * The typed client of `/noren/v1/admin/`. It knows nothing of the screen: what goes wrong is an `ApiError` with a stable code.
 */
import type {
	AuditEntry,
	CampaignList,
	CheckAnswer,
	Conversation,
	Document,
	Finding,
	Key,
	KeyList,
	KeyRequest,
	NewKey,
	NumbersRow,
	PoolAnswer,
	PoolCodes,
	PoolRequest,
	PublishAnswer,
	PublishRequest,
	Session,
	SettleSite,
	Site,
	Version,
} from './types.ts';

const ADMIN = '/noren/v1/admin/';

/** Past this an answer is not worth waiting for: the person has given up already. */
const TIMEOUT_MS = 20_000;

/** An answer that is not the one asked for. `code` is the edge's, or `offline`, `timeout`, `unexpected` where it had none. */
export class ApiError extends Error {
	readonly code: string;
	/** HTTP status, 0 where no answer came. */
	readonly status: number;
	readonly path: string;
	readonly findings: readonly Finding[];
	/** With `version_conflict`: what is live now. */
	readonly version: number | undefined;

	constructor(
		code: string,
		status: number,
		message: string,
		more: { path?: string; findings?: readonly Finding[]; version?: number } = {},
	) {
		super(message);
		this.name = 'ApiError';
		this.code = code;
		this.status = status;
		this.path = more.path ?? '';
		this.findings = more.findings ?? [];
		this.version = more.version;
	}
}

/** Make sense of whatever an answer's body was; never throws. */
export function errorFrom(status: number, body: string): ApiError {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		parsed = undefined;
	}
	if (parsed === null || typeof parsed !== 'object') return new ApiError('unexpected', status, '');
	const said = parsed as Record<string, unknown>;
	return new ApiError(
		typeof said['code'] === 'string' ? said['code'] : 'unexpected',
		status,
		typeof said['message'] === 'string' ? said['message'] : '',
		{
			...(typeof said['path'] === 'string' ? { path: said['path'] } : {}),
			...(Array.isArray(said['findings']) ? { findings: said['findings'] as Finding[] } : {}),
			...(typeof said['version'] === 'number' ? { version: said['version'] } : {}),
		},
	);
}

/** How a request goes out; `fetch` in the browser, a stand-in under test. */
export type Send = (address: string, init: RequestInit) => Promise<Response>;

/** Every question the console asks the edge. */
export class Api {
	readonly #send: Send;
	/** Told about each `unauthorized`, so that the sign-in page can come up from wherever it happens. */
	onSignedOut: () => void = () => {};

	constructor(send: Send = (address, init) => fetch(address, init)) {
		this.#send = send;
	}

	signIn(token: string): Promise<Session> {
		return this.#ask('POST', 'session', { token });
	}

	session(): Promise<Session> {
		return this.#ask('GET', 'session');
	}

	async signOut(): Promise<void> {
		await this.#ask('DELETE', 'session');
	}

	site(site: string): Promise<Site> {
		return this.#ask('GET', at(site));
	}

	/** Settles what is named and leaves the rest; holds at once. */
	settle(site: string, settings: SettleSite): Promise<Site> {
		return this.#ask('PUT', at(site), settings);
	}

	campaigns(site: string): Promise<CampaignList> {
		return this.#ask('GET', at(site, 'campaigns'));
	}

	/** Findings and sentences of drafts under a document of the site; stores nothing. */
	check(site: string, campaigns: readonly Document[], document: Document, signal?: AbortSignal): Promise<CheckAnswer> {
		return this.#ask('POST', at(site, 'check'), { campaigns, site: document }, signal);
	}

	publish(site: string, request: PublishRequest): Promise<PublishAnswer> {
		return this.#ask('PUT', at(site, 'campaigns'), request);
	}

	async versions(site: string): Promise<readonly Version[]> {
		return (await this.#ask<{ versions: readonly Version[] }>('GET', at(site, 'versions'))).versions;
	}

	rollback(site: string, version: number): Promise<PublishAnswer> {
		return this.#ask('POST', at(site, 'rollback'), { version });
	}

	/** Totals of `[from, until)`; a bound left out is open. */
	async numbers(site: string, from?: number, until?: number): Promise<readonly NumbersRow[]> {
		const query = new URLSearchParams();
		if (from !== undefined) query.set('from', String(from));
		if (until !== undefined) query.set('until', String(until));
		const tail = query.size > 0 ? `?${query}` : '';
		return (await this.#ask<{ campaigns: readonly NumbersRow[] }>('GET', at(site, 'numbers') + tail)).campaigns;
	}

	async conversations(site: string): Promise<readonly Conversation[]> {
		return (await this.#ask<{ conversations: readonly Conversation[] }>('GET', at(site, 'conversations')))
			.conversations;
	}

	async audit(site: string): Promise<readonly AuditEntry[]> {
		return (await this.#ask<{ entries: readonly AuditEntry[] }>('GET', at(site, 'audit'))).entries;
	}

	keys(site: string): Promise<KeyList> {
		return this.#ask('GET', at(site, 'keys'));
	}

	/** The answer holds the key itself, this one time. */
	createKey(site: string, request: KeyRequest): Promise<NewKey> {
		return this.#ask('POST', at(site, 'keys'), request);
	}

	revokeKey(site: string, id: string): Promise<Key> {
		return this.#ask('DELETE', at(site, `keys/${encodeURIComponent(id)}`));
	}

	async pools(site: string): Promise<readonly PoolAnswer[]> {
		return (await this.#ask<{ pools: readonly PoolAnswer[] }>('GET', at(site, 'pools'))).pools;
	}

	/** Creates, fills or settles a pool. */
	fillPool(site: string, pool: string, request: PoolRequest): Promise<PoolAnswer> {
		return this.#ask('POST', at(site, `pools/${encodeURIComponent(pool)}`), request);
	}

	/** A page of a pool's codes, from after `after` on. */
	poolCodes(site: string, pool: string, after: string): Promise<PoolCodes> {
		const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
		return this.#ask('GET', at(site, `pools/${encodeURIComponent(pool)}/codes${query}`));
	}

	/** The JSON Schema of a campaign document. */
	schema(): Promise<unknown> {
		return this.#ask('GET', 'schema/campaign.json');
	}

	async #ask<Answer>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
		const deadline = AbortSignal.timeout(TIMEOUT_MS);
		let answer: Response;
		let text: string;
		try {
			answer = await this.#send(ADMIN + path, {
				method,
				credentials: 'same-origin',
				cache: 'no-store',
				signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
				...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
			});
			text = await answer.text();
		} catch (cause) {
			// A caller who gave up himself wants to recognise his own abort, not to be told about the network.
			if (signal?.aborted) throw cause;
			throw new ApiError(deadline.aborted ? 'timeout' : 'offline', 0, '');
		}
		if (!answer.ok) {
			const error = errorFrom(answer.status, text);
			if (answer.status === 401 && path !== 'session') this.onSignedOut();
			throw error;
		}
		if (text === '') return undefined as Answer;
		try {
			return JSON.parse(text) as Answer;
		} catch {
			throw new ApiError('unexpected', answer.status, '');
		}
	}
}

function at(site: string, rest = ''): string {
	return `sites/${encodeURIComponent(site)}${rest === '' ? '' : `/${rest}`}`;
}

/** The address of the live list of one shard. */
export function liveAddress(site: string, shard: number): string {
	return `${ADMIN}${at(site, 'live')}?shard=${shard}`;
}

/** The address of one conversation. */
export function chatAddress(site: string, conversation: string): string {
	return `${ADMIN}${at(site, 'chat')}?conversation=${encodeURIComponent(conversation)}`;
}
