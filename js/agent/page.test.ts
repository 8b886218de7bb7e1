import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { pageAttributes } from './page.ts';

interface Case {
	readonly props: Record<string, unknown>;
	readonly page: Record<string, unknown>;
}

const cases = JSON.parse(readFileSync(new URL('fixtures/pages.json', import.meta.url), 'utf8')) as Case[];

test('a page view says of its page what it says natively', () => {
	for (const { props, page } of cases) assert.deepEqual(pageAttributes(props), page, JSON.stringify(props));
});

test('of a hostile address no more than 64 parameters are read', () => {
	const query = Array.from({ length: 100 }, (_, i) => `p${i}=${i}`).join('&');
	const { query: read } = pageAttributes({ page_location: `https://e.example/?${query}` });
	assert.deepEqual(Object.keys(read as object).length, 64);
	assert.equal((read as Record<string, string>)['p63'], '63');
});
