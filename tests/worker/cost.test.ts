/** What page views cost at the edge, counted by the real runtime, against the budgets they are built to. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { cost, table } from '../bench/edge/cost.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.ok('GET', 'sites/demo');
});
after(() => edge?.stop());

test('a mix of visitors stays within requests and rows a page view', async (t) => {
	const found = await cost(edge.url, edge.token, 100);
	t.diagnostic(table(found));
	const each = (count: number): number => count / found.pageViews;
	// Two syncs and the question for the site; the tag, the agent and the program once a visitor, orders besides.
	assert.ok(each(found.syncs) <= 2.02, `${each(found.syncs)} syncs`);
	assert.ok(each(found.requests) <= 4.5, `${each(found.requests)} requests to the Worker`);
	assert.ok(each(found.objectRequests) <= 4, `${each(found.objectRequests)} requests to objects`);
	const rows = each(found.rowsWritten + found.rowsToLetGo);
	// A third of these page views is somebody's first, which makes an object, and an exposure, which is told to a shard: what a page view of a
	// known visitor takes is held to 8 in budget.test.ts.
	assert.ok(rows <= 12, `${rows} rows written`);
	assert.ok(found.bytes / found.visitors <= 24 * 1024, `${found.bytes / found.visitors} bytes a visitor`);
});
