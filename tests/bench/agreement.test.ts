/** The bench runs, nobody is missing, and all give the same answers. No time is asserted: on a busy machine it would mean nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

const xtask = process.env['NOREN_XTASK'];
assert.ok(xtask, 'NOREN_XTASK names the program of `cargo xtask`, which starts this suite');

test('Noren, the hand-written limits and every library give the same answers to a thousand campaigns', () => {
	const said = execFileSync(xtask, ['bench', 'rules', '--quick'], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	assert.match(said, /All answers agreed\./);
	const titles = [
		'by hand, indexed by event',
		'by hand, closures',
		'Noren, wasm',
		'Noren, native',
		'cel-js',
		'json-logic-engine',
		'json-logic-js',
		'GrowthBook',
		'sift',
		'json-rules-engine',
		'GoRules zen, wasm',
	];
	for (const title of titles) {
		const [warm] = said.split('\n').filter((line) => line.startsWith(`${title}  `));
		assert.match(warm ?? '', /\d \[[^\]]+\] +[\d.,]+ \[[^\]]+\]$/, `${title} was asked at both sizes: ${warm}`);
	}
});
