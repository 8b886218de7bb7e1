import assert from 'node:assert/strict';
import test from 'node:test';
import { versionKey } from './version.ts';

test('a version’s key is the one that published conditions were compiled with', () => {
	const cases: Record<string, string> = {
		'1.2.3': '    1-    2-    3-~',
		'v1.2.3+build.7\n+x': '    1-    2-    3-~',
		'1.2.3-beta.10': '    1-    2-    3-beta-   10',
		'1.123456.0': '    1-123456-    0-~',
		'2': '    2',
		'': '    0',
		v: '',
		'+7': '',
		'a..b': 'a--b-~',
		'１.２': '１-２',
	};
	for (const [version, key] of Object.entries(cases)) assert.equal(versionKey(version), key, version);
});
