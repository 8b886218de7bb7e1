/** How soon a widget is on the screen once its condition is true, when the agent had fetched it ahead. */
import type { Contender, File } from './contender.ts';
import { visitor } from './load.ts';
import type { Room } from './load.ts';
import { SHOWN_AT } from './noren.ts';
import { open } from './serve.ts';

/** Milliseconds from the push that makes the condition true to the frame that has the widget, one row for each speed. */
export async function show(
	{ browser }: Room,
	contender: Contender,
	shop: ReadonlyMap<string, File>,
	times: number,
	slower: readonly number[],
): Promise<number[][]> {
	const origin = await open(contender, shop);
	const took: number[][] = slower.map(() => []);
	try {
		for (let lap = 0; lap < times; lap++) {
			for (const [speed, slowDown] of slower.entries()) {
				const { page, leave } = await visitor(browser);
				origin.forget();
				await page.emulateCPUThrottling(slowDown === 1 ? null : slowDown);
				await page.goto(`${origin.url}/shop/`, { waitUntil: 'load' });
				// Fetched ahead, and past the stay: what is left is the event.
				await page.waitForFunction(
					() =>
						performance.now() > 6_500 &&
						performance.getEntriesByType('resource').some(({ name }) => /\/noren\/w\/.*popup/.test(name)),
					{ timeout: 20_000, polling: 50 },
				);
				// The widget's module has run and the main thread is at rest.
				await page.evaluate(() => new Promise((done) => requestIdleCallback(() => setTimeout(done, 200))));
				const ms = await page.evaluate(
					(name) =>
						new Promise<number>((resolve, reject) => {
							const began = performance.now();
							const patience = setTimeout(() => reject(new Error('the widget never came')), 10_000);
							const look = (): void => {
								const host = document.querySelector('noren-widget');
								if (!host) return void requestAnimationFrame(look);
								clearTimeout(patience);
								// This frame is painted before a message that is posted in it arrives.
								const { port1, port2 } = new MessageChannel();
								port1.onmessage = () => resolve(performance.now() - began);
								port2.postMessage(0);
							};
							(window as unknown as { dataLayer: unknown[] }).dataLayer.push({ event: name });
							requestAnimationFrame(look);
						}),
					SHOWN_AT,
				);
				took[speed]!.push(ms);
				await leave();
			}
		}
	} finally {
		origin.close();
	}
	return took;
}
