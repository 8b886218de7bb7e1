/** What a deployment would upload: run without an account, as an owner does before the real thing. */
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Files of one deployment on the free plan, and the largest of them. */
const ASSETS_MAX = 20_000;
const ASSET_MAX_BYTES = 25 * 1024 * 1024;

interface Listed {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
}

test('a dry run lists every file that wrangler uploads, with bindings and migrations', () => {
	const state = mkdtempSync(join(tmpdir(), 'noren-deploy-'));
	const program = process.env['NOREN_XTASK'];
	const [command, first] = program === undefined ? ['cargo', ['xtask']] : [program, []];
	try {
		execFileSync(command, [...first, 'deploy', '--dry-run', '--state', state], { cwd: ROOT, stdio: 'pipe' });
	} finally {
		rmSync(state, { recursive: true, force: true });
	}
	const upload = JSON.parse(readFileSync(join(ROOT, 'target/noren/upload.json'), 'utf8'));
	const modules: readonly Listed[] = upload.modules;
	const assets: readonly Listed[] = upload.assets;
	assert.equal(upload.compatibility_date, '2026-11-01');
	assert.deepEqual(
		upload.bindings.durable_objects.map(({ class_name }: { class_name: string }) => class_name),
		upload.migrations.flatMap(({ new_sqlite_classes }: { new_sqlite_classes: string[] }) => new_sqlite_classes),
	);
	for (const [folder, files] of [
		['target/noren/deploy', modules],
		['target/noren/assets', assets],
	] as const) {
		for (const { path, bytes, sha256 } of files) {
			const content = readFileSync(join(ROOT, folder, path));
			assert.deepEqual([content.length, createHash('sha256').update(content).digest('hex')], [bytes, sha256], path);
		}
	}
	const wasm = modules.filter(({ path }) => path.endsWith('.wasm'));
	assert.equal(wasm.length, 1, modules.map(({ path }) => path).join(' '));
	assert.ok(modules.some(({ path }) => path === 'index.js'));
	for (const name of ['tag.js', 'openapi.json', 'manifest.json']) {
		assert.ok(
			assets.some(({ path }) => path === name),
			name,
		);
	}
	assert.ok(assets.length <= ASSETS_MAX);
	assert.ok(assets.every(({ bytes }) => bytes <= ASSET_MAX_BYTES));
});
