/** New code on what older code has stored, and older code on what newer code has, on the real runtime. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

/** Changes every database of a class that has a table, while the runtime is down. */
async function whileDown<T>(kind: string, table: string, change: (database: DatabaseSync) => T): Promise<T[]> {
	await edge.kill();
	const changed: T[] = [];
	for (const file of edge.databases(kind)) {
		const database = new DatabaseSync(file);
		const has = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table);
		if (has) changed.push(change(database));
		database.close();
	}
	await edge.restart();
	return changed;
}

test('totals and register of a shard of the first version are read, and counted again', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'page_view' }, exposure(1, 'treated', 1)]);
	await until('the exposure to be counted', async () => (await edge.admin.numbers()).length === 1);
	const before = await edge.admin.numbers();
	const shards = await whileDown('Shard', 'register', (database) => {
		for (const table of ['state', 'kept', 'recount', 'passing']) database.exec(`DROP TABLE ${table}`);
		database.exec('DROP INDEX register_object; ALTER TABLE register DROP COLUMN kind');
	});
	assert.ok(shards.length > 0);
	assert.deepEqual(await edge.admin.numbers(), before);
	const recounted = await edge.admin.ok('POST', 'sites/demo/recount', {});
	assert.deepEqual([recounted.done, recounted.objects, recounted.differs], [true, 1, []]);
	assert.equal((await edge.admin.ok('POST', `sites/demo/devices/${page.device}/erase`)).generation, 1);
});

test('state of a later version is left alone, and taken up again by the code that knows it', async () => {
	const page = new Page(edge.url);
	await page.sync([
		{ n: 0, name: 'page_view' },
		{ n: 1, name: 'scroll' },
	]);
	const body = (database: DatabaseSync): string =>
		String(database.prepare('SELECT body FROM state WHERE id = 0').get()?.['body']);
	const later = await whileDown('Device', 'state', (database) => {
		database.exec("UPDATE state SET body = json_set(body, '$.schema', 99, '$.later', 'kept')");
		return body(database);
	});
	const refused = await page.sync([{ n: 2, name: 'scroll' }]);
	assert.deepEqual([refused.status, refused.body.code], [500, 'internal'], 'the page keeps its events and asks again');
	const again = await whileDown('Device', 'state', (database) => {
		const found = body(database);
		database.exec("UPDATE state SET body = json_set(body, '$.schema', 2)");
		return found;
	});
	assert.deepEqual(again, later, 'nothing was overwritten');
	const taken = await page.sync([{ n: 2, name: 'scroll' }]);
	assert.deepEqual([taken.status, taken.body.acks[0].next], [200, 3]);
});
