/** Traffic, kills, and in the end the books of everybody who took part against what the edge has. */
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { random } from '../random.ts';
import { Network } from './network.ts';
import type { Harm } from './network.ts';
import { Reporter } from './reporter.ts';
import { Talker } from './talk.ts';
import { Visitor } from './visitor.ts';

/** From the edge's first answer to its end, ms. */
const LIVES_MS = 900;
/** What one object owes another may meet a kill and be tried again five seconds later, at every step of its way. */
const SETTLES_MS = 90_000;
/** Streams asked for in one request: the edge takes 256. */
const ASKED_MAX = 200;

const YEAR_MS = 365 * 86_400_000;
const TERMS = { kind: 'amount', value: 500, currency: 'JPY' };
const GIFTS = 500;

export interface Plan {
	readonly kills: number;
	/** Decides over everything but how the machine mixes it. */
	readonly seed: number;
	readonly visitors: number;
}

export interface Report {
	readonly events: number;
	readonly reported: number;
	readonly messages: number;
	readonly requestsWithoutAnswer: number;
	readonly errors: number;
	readonly harm: Harm;
}

const COUNTED = {
	...{ id: 'counted', name: 'Counted', status: 'live', trigger: { on: 'never' }, control: 0 },
	variants: [{ id: 'a', weight: 100, action: { kind: 'popup', title: 'x', body: 'x' } }],
	goal: { on: 'purchase', within: '1d', value: 'value' },
};
const GIFT = {
	...{ id: 'gift', name: 'Gift', status: 'live', trigger: { on: 'never' }, control: 0 },
	variants: [{ id: 'a', weight: 100, action: { kind: 'coupon', title: 'x', body: 'x', coupon: { pool: 'gift' } } }],
};

/**
 * Lets devices, a server and talkers go about under a network that fails, kills the edge `kills` times at moments of chance, lets everything
 * arrive, and compares.
 *
 * @throws when a single event, order, coupon or message is missing, doubled or out of its order.
 */
export async function session(plan: Plan, say: (line: string) => void = () => {}): Promise<Report> {
	const edge = await Edge.start();
	const chance = random(plan.seed);
	const network = await Network.before(edge.url, random(plan.seed + 1));
	try {
		await edge.admin.pool('gift', { generate: { count: GIFTS, prefix: 'GIFT-' }, terms: TERMS, expires_after: '7d' });
		await edge.admin.publish([COUNTED, GIFT]);
		const { secret } = await edge.admin.ok('POST', 'sites/demo/keys', { name: 'reporter', scopes: ['events'] });

		const visitors = Array.from(
			{ length: plan.visitors },
			(_, number) =>
				new Visitor({
					...{ number, url: network.url, origin: edge.url, chance: random(plan.seed + 100 + number) },
					clockOff: [0, 0, 0, YEAR_MS, -YEAR_MS][number % 5]!,
				}),
		);
		const reporters = [0, 1].map(
			(number) => new Reporter({ number, url: network.url, key: secret, chance: random(plan.seed + 50 + number) }),
		);
		const talks = visitors
			.filter(({ number }) => number % 4 === 0)
			.map((visitor) => talk(visitor, edge, network.url, plan.seed));

		let over = false;
		const ended = (): boolean => over;
		let failure: unknown;
		const everybody = Promise.all([
			...visitors.map((visitor) => visitor.live(ended)),
			...reporters.map((reporter) => reporter.report(ended)),
			...talks.flatMap(({ sides }) => sides.map((side) => side.talk(ended))),
		]).catch((error: unknown) => {
			// The others would go on for ever.
			failure = error;
			over = true;
		});
		for (let kill = 1; kill <= plan.kills && !over; kill++) {
			await new Promise((resolve) => setTimeout(resolve, chance.below(LIVES_MS)));
			await edge.kill();
			await edge.restart();
			if (kill % 20 === 0) say(`${kill} kills, ${visitors.reduce((sum, { book }) => sum + book.length, 0)} events`);
		}
		over = true;
		await everybody;
		if (failure !== undefined) throw failure;

		await compareEvents(edge, visitors);
		const expected = await compareTotals(edge, visitors);
		await comparePersons(edge, visitors);
		await compareReports(edge, reporters);
		await compareCoupons(edge, visitors);
		for (const { visitor, sides } of talks) await compareTalk(edge, visitor, sides);
		say(`counted: ${JSON.stringify(expected)}`);
		return {
			events: visitors.reduce((sum, { book }) => sum + book.length, 0),
			reported: reporters.flatMap(({ book }) => [...book.values()].flat()).length,
			messages: talks.flatMap(({ sides }) => sides.flatMap(({ said }) => said)).length,
			requestsWithoutAnswer: [...visitors.map(({ trouble }) => trouble), ...reporters].reduce(
				(sum, { lost }) => sum + lost,
				0,
			),
			errors: visitors.reduce((sum, { trouble }) => sum + trouble.failed, 0),
			harm: network.harm,
		};
	} finally {
		await network.close();
		await edge.stop();
	}
}

interface Talk {
	readonly visitor: Visitor;
	readonly sides: readonly [Talker, Talker];
}

function talk(visitor: Visitor, edge: Edge, url: string, seed: number): Talk {
	const base = url.replace('http', 'ws');
	const [device, key] = visitor.identity;
	const mine = new Talker({
		...{ who: 'visitor', address: `${base}/noren/v1/chat?site=demo&device=${device}` },
		...{ protocols: ['noren.1', key], headers: { Origin: edge.url }, chance: random(seed + 1_000 + visitor.number) },
	});
	const theirs = new Talker({
		...{ who: 'operator', address: `${base}/noren/v1/admin/sites/demo/chat?conversation=${device}` },
		...{ protocols: [], headers: { Authorization: `Bearer ${edge.token}` } },
		chance: random(seed + 2_000 + visitor.number),
	});
	return { visitor, sides: [mine, theirs] };
}

/** What is promised is stored, contiguously: asked without the network between. */
async function compareEvents(edge: Edge, visitors: readonly Visitor[]): Promise<void> {
	for (const visitor of visitors) {
		const [device, key, epoch, generation] = visitor.identity;
		const ids = [...visitor.streams.keys()];
		for (let from = 0; from < ids.length; from += ASKED_MAX) {
			const streams = ids.slice(from, from + ASKED_MAX).map((id) => ({ id, from: 0, done: false, events: [] }));
			const body = { v: 1, site: 'demo', device, key, epoch, generation, sent_at: Date.now() };
			const response = await fetch(`${edge.url}/noren/v1/sync?site=demo`, {
				...{ method: 'POST', headers: { 'Content-Type': 'text/plain', Origin: edge.url } },
				body: JSON.stringify({ ...body, program: '', facts: false, fresh: false, streams }),
			});
			assert.equal(response.status, 200);
			for (const { id, next } of (await response.json()).acks) {
				assert.equal(next, visitor.streams.get(id), `visitor ${visitor.number}: the watermark of ${id}`);
				assert.equal(visitor.promised().get(id), next, `visitor ${visitor.number}: what was promised of ${id}`);
			}
		}
	}
}

interface Source {
	readonly device: string;
	readonly epoch: number;
	readonly events: readonly { readonly name: string; readonly props: { readonly mark?: string } }[];
}

const exported = async (edge: Edge, user: string): Promise<readonly Source[]> =>
	(await edge.admin.ok('GET', `sites/demo/persons/${user}/export`)).sources;
const sorted = (list: readonly string[]): string[] => [...list].sort();
const marks = (events: Source['events']): string[] => sorted(events.map(({ props }) => props.mark ?? 'none'));

/** Every event of the book stands in the export of its person once, and nothing else does. */
async function comparePersons(edge: Edge, visitors: readonly Visitor[]): Promise<void> {
	const users = new Set(visitors.flatMap((visitor) => visitor.sums.map((_, epoch) => visitor.user(epoch))));
	for (const user of users) {
		const sources = await exported(edge, user);
		const theirs = visitors.flatMap((visitor) =>
			visitor.sums.flatMap((_, epoch) => (visitor.user(epoch) === user ? [{ visitor, epoch }] : [])),
		);
		assert.equal(sources.length, theirs.length, `${user}: devices`);
		for (const { visitor, epoch } of theirs) {
			const source = sources.find((one) => one.device === visitor.identity[0] && one.epoch === epoch);
			const book = visitor.book.filter((written) => written.epoch === epoch).map(({ mark }) => mark);
			assert.deepEqual(marks(source!.events), sorted(book), `visitor ${visitor.number}, epoch ${epoch}`);
		}
	}
}

/** Everything counted, to the event. */
async function compareTotals(edge: Edge, visitors: readonly Visitor[]): Promise<object> {
	const sums = visitors.flatMap((visitor) => visitor.sums.map((sum, epoch) => ({ user: visitor.user(epoch), ...sum })));
	const buyers = new Set(sums.filter(({ orders }) => orders > 0).map(({ user }) => user));
	const expected = {
		shown: sums.reduce((sum, { exposures }) => sum + exposures, 0),
		visitors: new Set(sums.map(({ user }) => user)).size,
		converted: buyers.size,
		value: sums.reduce((sum, { value }) => sum + value, 0),
	};
	const counted = async (): Promise<object> => {
		const row = (await edge.admin.numbers()).find(({ id, arm }) => id === 'counted' && arm === 'treated');
		return Object.fromEntries(Object.keys(expected).map((key) => [key, row?.[key]]));
	};
	let last: object = {};
	await until('the totals', async () => JSON.stringify((last = await counted())) === JSON.stringify(expected), {
		timeoutMs: SETTLES_MS,
	}).catch(() => assert.deepEqual(last, expected, 'the totals'));
	const rows = (await edge.admin.numbers()).filter(({ id }) => id === 'counted');
	assert.equal(rows.length, 1, 'and nothing under another heading');
	return expected;
}

async function compareReports(edge: Edge, reporters: readonly Reporter[]): Promise<void> {
	for (const { book } of reporters) {
		for (const [user, expected] of book) {
			const found = async (): Promise<string[]> =>
				marks(
					(await exported(edge, user)).flatMap(({ events }) => events).filter(({ props }) => props.mark !== undefined),
				);
			await until(`reports of ${user}`, async () => (await found()).length >= expected.length, {
				timeoutMs: SETTLES_MS,
			});
			assert.deepEqual(await found(), sorted(expected), user);
		}
	}
}

async function compareCoupons(edge: Edge, visitors: readonly Visitor[]): Promise<void> {
	const codes = visitors.map(({ code }) => code);
	assert.ok(codes.every((code) => code !== undefined));
	assert.equal(new Set(codes).size, codes.length, 'no code was given to two');
	const { stock, claimed } = await edge.admin.ok('GET', 'sites/demo/pools/gift');
	assert.deepEqual([stock, claimed], [GIFTS - codes.length, codes.length], 'and none was lost');
}

/** Each message once, in the order it was said, and each side has heard the other whole. */
async function compareTalk(edge: Edge, visitor: Visitor, sides: readonly [Talker, Talker]): Promise<void> {
	const reader = await edge.admin.socket(`sites/demo/chat?conversation=${visitor.identity[0]}`);
	// History comes with at most 500 messages; the last of them are asked for by where the others end.
	const all = new Map<number, { who: string; text: string }>();
	const total = sides[0].said.length + sides[1].said.length;
	reader.socket.send(JSON.stringify({ t: 'hello', since: Math.max(0, total - 500) }));
	const history = await until('the history', () => reader.messages.find(({ t }) => t === 'history'));
	reader.socket.close();
	for (const message of history.messages) all.set(message.seq, message);
	const numbers = [...all.keys()];
	assert.deepEqual(
		numbers,
		Array.from({ length: Math.min(total, 500) }, (_, i) => Math.max(0, total - 500) + i + 1),
		`visitor ${visitor.number}: numbers without gaps, and no more messages than were said`,
	);
	for (const [side, other] of [
		[sides[0], sides[1]],
		[sides[1], sides[0]],
	] as const) {
		// Who stops first does not hear what is said afterwards.
		const whole: string[] = [];
		for (let seq = 1; other.heard.has(seq); seq++) whole.push(other.heard.get(seq)!.text);
		const heard = whole.filter((text) => side.said.includes(text));
		assert.deepEqual(heard, side.said.slice(0, heard.length), `visitor ${visitor.number}: what was heard`);
	}
	for (const [place, who] of (['visitor', 'operator'] as const).entries()) {
		const theirs = history.messages.filter((message: { who: string }) => message.who === who);
		const texts = theirs.map(({ text }: { text: string }) => text);
		assert.deepEqual(texts, sides[place]!.said.slice(sides[place]!.said.length - texts.length), `${who}'s words`);
	}
}
