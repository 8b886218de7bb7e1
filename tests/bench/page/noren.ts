/** Noren on the demo shop: the built files, and the real edge behind the page's origin. */
import type { Admin } from '../../e2e/support/admin.ts';
import { document as campaignOf, mixed } from '../rules.ts';
import type { Asked, Answer, Contender } from './contender.ts';
import { built } from './serve.ts';

/** A site at the edge with `campaigns`, of which nothing on the shop makes one fire unless it says so. */
async function site(admin: Admin, name: string, campaigns: readonly unknown[]): Promise<void> {
	await admin.ok('PUT', `sites/${name}`, { name, origins: ['loopback'], consent: 'open' });
	await admin.publish(campaigns, { site: name });
}

async function ask(edge: string, { method, path, body, origin }: Asked): Promise<Answer | undefined> {
	if (!path.startsWith('/noren/')) return undefined;
	const response = await fetch(edge + path, {
		method,
		headers: { ...(origin !== undefined && { Origin: origin }), 'Content-Type': 'text/plain' },
		...(method === 'POST' && { body }),
	});
	const bytes = new Uint8Array(await response.arrayBuffer());
	return { status: response.status, type: response.headers.get('Content-Type') ?? 'text/plain', body: bytes };
}

export interface Options {
	readonly assets: string;
	readonly edge: string;
	readonly admin: Admin;
}

const files = (assets: string): Contender['files'] =>
	built(assets, (path) => path === 'tag.js' || /^noren\/[aw]\//.test(path));

const head = (site: string): string => `<script async src="/tag.js" data-site="${site}"></script>`;

/** With so many live campaigns of the rules' own measurement: they count events by categories the shop does not have, and wait on kinds of page it does not name. */
export async function noren(options: Options, campaigns: number): Promise<Contender> {
	const name = `bench-${campaigns}`;
	await site(options.admin, name, mixed(campaigns).map(campaignOf));
	return {
		name: campaigns === 1 ? 'Noren' : `Noren, ${campaigns} campaigns`,
		shows: true,
		interacts: true,
		head: head(name),
		files: files(options.assets),
		answer: (asked) => ask(options.edge, asked),
		told: `the real edge, ${campaigns} live ${campaigns === 1 ? 'campaign' : 'campaigns'}; the program was fetched and the agent has taken over from the tag`,
		// Asked without `why`, which would fetch its own module into a page that is measured further.
		live: (asked) => {
			const { noren: made } = window as unknown as { noren?: { v?: number } };
			return made?.v === 1 && asked.some((path) => path.startsWith('/noren/p/'));
		},
	};
}

/** The event at which the campaign of `showing` opens. */
export const SHOWN_AT = 'bench_show';

/** One campaign whose widget comes at an event, to measure how soon. */
export async function showing(options: Options): Promise<Contender> {
	await site(options.admin, 'bench-show', [
		{
			id: 'show',
			status: 'live',
			// The stay makes the agent fetch the widget ahead; then only the event is waited for.
			trigger: { all: [{ on: SHOWN_AT }, { dwell: { time: '6s', clock: 'wall', across: 'page' } }] },
			control: 0,
			variants: [
				{ id: 'a', weight: 100, action: { kind: 'popup', title: { en: 'An offer' }, body: { en: 'Of tea' } } },
			],
		},
	]);
	return {
		name: 'Noren, showing',
		shows: true,
		interacts: false,
		head: head('bench-show'),
		files: files(options.assets),
		answer: (asked) => ask(options.edge, asked),
		told: 'the real edge, one pop-up',
	};
}
