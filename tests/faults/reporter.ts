/** A server that reports what its people did in batches, again and again until it is told that they were taken. */
import assert from 'node:assert/strict';
import type { Random } from '../random.ts';

/** Calls in a batch, at most. */
const BATCH_MAX = 20;
/** Between two batches, ms. */
const PAUSE_MS = 120;

export interface ReporterOptions {
	readonly number: number;
	readonly url: string;
	/** A server key. */
	readonly key: string;
	readonly chance: Random;
}

export class Reporter {
	/** Marks of all that was acknowledged, by user id; in the end of all there was. */
	readonly book = new Map<string, string[]>();
	/** Requests without an answer. */
	lost = 0;
	readonly #options: ReporterOptions;

	constructor(options: ReporterOptions) {
		this.#options = options;
	}

	async report(over: () => boolean): Promise<void> {
		const { number, chance } = this.#options;
		for (let round = 0; !over(); round++) {
			const calls = Array.from({ length: 1 + chance.below(BATCH_MAX) }, (_, i) => {
				const mark = `report-${number}-${round}-${i}`;
				const userId = `told-${number}-${chance.below(3)}`;
				this.book.set(userId, [...(this.book.get(userId) ?? []), mark]);
				return {
					...{ type: 'track', event: 'Looked', userId, messageId: mark, properties: { mark } },
					timestamp: new Date().toISOString(),
				};
			});
			// A client that tries again may cut its batches anew.
			for (let sent = false; !sent;) {
				const cut = chance.chance(30) ? chance.below(calls.length + 1) : calls.length;
				const pieces = [calls.slice(0, cut), calls.slice(cut)].filter((piece) => piece.length > 0);
				const taken = await Promise.all(pieces.map((piece) => this.#send(piece)));
				sent = taken.every((one) => one);
			}
			await new Promise((resolve) => setTimeout(resolve, chance.below(PAUSE_MS)));
		}
	}

	async #send(batch: readonly object[]): Promise<boolean> {
		try {
			const response = await fetch(`${this.#options.url}/v1/batch`, {
				method: 'POST',
				headers: { Authorization: `Basic ${btoa(`${this.#options.key}:`)}` },
				body: JSON.stringify({ batch }),
			});
			const text = await response.text();
			const retriable = response.status >= 500 || response.status === 429;
			assert.ok(response.status === 200 || retriable, `batch: ${response.status} ${text}`);
			return response.status === 200;
		} catch (error) {
			if (error instanceof assert.AssertionError) throw error;
			this.lost++;
			return false;
		}
	}
}
