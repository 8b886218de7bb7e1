/** Segment's and RudderStack's clients for Python as they are published, against the real edge, through bad weather. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Weather } from '../clients/weather.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';

const run = promisify(execFile);
const here = (file: string) => new URL(file, import.meta.url).pathname;
const PACKAGES = here('../../target/noren/python');

/** Installs the pinned clients below target/, once for each state of the list. */
async function install(): Promise<void> {
	const wanted = here('requirements.txt');
	const mark = `${PACKAGES}/installed`;
	const digest = createHash('sha256').update(readFileSync(wanted)).digest('hex');
	if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return;
	rmSync(PACKAGES, { recursive: true, force: true });
	await run('python3', [
		'-m',
		'pip',
		'install',
		'--quiet',
		'--disable-pip-version-check',
		'--target',
		PACKAGES,
		'-r',
		wanted,
	]);
	writeFileSync(mark, digest);
}

let edge: Edge;
let key: string;
before(async () => {
	await install();
	edge = await Edge.start();
	key = (await edge.admin.ok('POST', 'sites/demo/keys', { name: 'python', scopes: ['events'] })).secret;
});
after(() => edge?.stop());

for (const client of ['segment', 'rudderstack']) {
	test(`${client}: everything arrives once, through 429, 500 and a lost answer`, async (t) => {
		const weather = await Weather.start(edge.url, [500, 'lost', 429]);
		t.after(() => weather.stop());
		const env = { ...process.env, PYTHONPATH: PACKAGES, PYTHONDONTWRITEBYTECODE: '1' };
		await run('python3', [here('report.py'), client, key, weather.url], { env });
		const facts = await until('everything', async () => {
			const facts = await edge.admin.ok('GET', `sites/demo/person?user=${client}-python`);
			return facts.purchases === 5 && facts.traits.plan === 'pro' && facts;
		});
		assert.deepEqual([facts.lifetime_value, facts.traits.name], [500, '花']);
		const statuses = weather.passed.map(({ status }) => status);
		for (const bad of [500, 'lost', 429]) assert.ok(statuses.includes(bad as number), `it rained ${bad}`);
	});
}
