import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameDocument, heard } from './frame.ts';

test('a frame can say four things, and nothing else is heard', () => {
	assert.deepEqual(heard({ noren: ['close'] }), { what: 'close' });
	assert.deepEqual(heard({ noren: ['escape', 1] }), { what: 'escape' });
	assert.deepEqual(heard({ noren: ['link', '/x'] }), { what: 'link', url: '/x' });
	assert.deepEqual(heard({ noren: ['height', 120.2] }), { what: 'height', height: 121 });
	assert.deepEqual(heard({ noren: ['height', 1e9] }), { what: 'height', height: 1000 });
	assert.deepEqual(heard({ noren: ['height', -3] }), { what: 'height', height: 24 });
	for (const data of [
		undefined,
		null,
		7,
		'close',
		{},
		{ noren: 'close' },
		{ noren: [] },
		{ noren: ['link', 7] },
		{ noren: ['height', '9'] },
		{ noren: ['height', Number.NaN] },
		{ noren: ['open'] },
	]) {
		assert.equal(heard(data), undefined, JSON.stringify(data));
	}
});

test('what the widget adds to the document cannot break out of its place', () => {
	const made = frameDocument('<p>x</p>', 'en"><script>', 'ltr', 'a+b/c=="><');
	assert.ok(made.includes('<html lang="enscript" dir="ltr">'));
	assert.ok(made.includes('nonce="a+b/c=="'));
	assert.ok(made.endsWith('<body><p>x</p></body></html>'));
});
