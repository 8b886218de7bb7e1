/**
 * Coupons under kills: visitors who ask for codes until they are answered, while the edge is killed (-9) and started again on the same
 * state. What was acknowledged is still there, and no code is anybody else's.
 */
import assert from 'node:assert/strict';
import { couponCampaign, Page } from '../../worker/page.ts';
import type { Edge } from './edge.ts';
import { until } from './until.ts';

export interface Load {
	readonly visitors: number;
	readonly codes: number;
	readonly kills: number;
}

/** What came of it. */
export interface Outcome {
	/** Claims that were acknowledged with a code. */
	readonly held: number;
	/** Requests that a kill left without an answer. */
	readonly lost: number;
}

/** Runs it on an edge of its own pool; throws where a code was doubled or lost. */
export async function claimsUnderKills(edge: Edge, load: Load): Promise<Outcome> {
	const pool = 'killed';
	await edge.admin.pool(pool, {
		generate: { count: load.codes, prefix: 'K-' },
		terms: { kind: 'amount', value: 1, minimum: 0, currency: 'JPY' },
		expires_after: '1d',
	});
	await edge.admin.publish([couponCampaign(pool)], { replace: false });
	const answers = new Map<Page, string>();
	let lost = 0;
	const waiting = Array.from({ length: load.visitors }, () => new Page(edge.url));
	const all = [...waiting];
	const lane = async () => {
		for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
			const visitor = page;
			await until(
				'an answer',
				async () => {
					try {
						const { status, body } = await visitor.reveal(pool);
						// An edge that is just coming up may fail; only 200 is an acknowledgement.
						if (status !== 200) return false;
						answers.set(visitor, body.ok ? body.code : '');
						return true;
					} catch {
						lost += 1;
						return false;
					}
				},
				{ timeoutMs: 60_000 },
			);
		}
	};
	const traffic = Promise.all(Array.from({ length: 16 }, lane));
	for (let kill = 1; kill <= load.kills; kill += 1) {
		await until('enough claims', () => answers.size >= (kill / (load.kills + 1)) * load.visitors, {
			timeoutMs: 60_000,
		});
		await edge.kill();
		await edge.restart();
	}
	await traffic;

	const held = [...answers].filter(([, code]) => code !== '');
	assert.equal(answers.size, load.visitors);
	assert.equal(new Set(held.map(([, code]) => code)).size, held.length, 'each code once');
	assert.equal(held.length, Math.min(load.visitors, load.codes), 'none is lost');
	for (const page of all.slice(0, 50)) {
		const { body } = await page.coupon(pool, pool);
		assert.equal(body.ok ? body.code : '', answers.get(page), 'what was acknowledged is still so');
	}
	const { stock, claimed } = await edge.admin.ok('GET', `sites/demo/pools/${pool}`);
	assert.deepEqual([stock, claimed], [load.codes - held.length, held.length]);
	return { held: held.length, lost };
}
