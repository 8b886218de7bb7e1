/** The console checks what is written by itself, under its own strict policy, once its WebAssembly is there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, type Session } from '../driver/driver.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { campaign, goTo, says, signIn, writeDocument } from './support.ts';

let edge: Edge;
let browser: Session;

before(async () => {
	[edge, browser] = await Promise.all([Edge.start(), launch()]);
});
after(async () => {
	await browser?.close();
	await edge?.stop();
});

test('after the first check the edge is not asked any more, and need not even be there', async () => {
	await edge.admin.publish([campaign('typed')]);
	const page = await signIn(edge, browser);
	await goTo(page, 'campaigns/typed');
	const asked = () =>
		page.evaluate(() => performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/check')).length);
	let wrong = 0;
	const writeWrongly = async () => {
		wrong += 1;
		const audience = { 'visitor.visits': { [`$wrong${wrong}`]: 2 } };
		await writeDocument(page, JSON.stringify(campaign('typed', { audience }), null, 2));
		await says(page, `$wrong${wrong}`);
	};
	// The module arrives when it arrives; until then each check asks the edge.
	await until('a check without a request', async () => {
		const before = await asked();
		await writeWrongly();
		return (await asked()) === before;
	});
	await edge.kill();
	await writeWrongly();
	await edge.restart();
	assert.deepEqual(
		page.console.filter((line) => /Security Policy/iu.test(JSON.stringify(line))),
		[],
	);
});
