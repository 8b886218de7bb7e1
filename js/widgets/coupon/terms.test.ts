import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CouponTerms } from '../../shared/widget.ts';
import { termLines } from './terms.ts';

const EXPIRES = Date.UTC(2026, 10, 30, 14, 59);

test('amounts, percentages, minimum and expiry read naturally in both languages', () => {
	const yen: CouponTerms = { kind: 'amount', value: 500, currency: 'JPY', minimum: 3000 };
	const rows: [string, CouponTerms | undefined, string, string][] = [
		['ja', yen, '500円引き', '3,000円以上のご注文で使えます'],
		['en', yen, '¥500 off', 'On orders of ¥3,000 or more'],
		['en', { kind: 'amount', value: 7.5, currency: 'EUR' }, '€7.50 off', ''],
		['en', { kind: 'amount', value: 5, currency: 'USD', minimum: 40 }, '$5 off', 'On orders of $40 or more'],
		['ja', { kind: 'percent', value: 10 }, '10%引き', ''],
		['en', { kind: 'percent', value: 12.5 }, '12.5% off', ''],
		['ja', undefined, '', ''],
	];
	for (const [language, terms, worth, minimum] of rows) {
		const lines = termLines(language, terms, undefined);
		assert.deepEqual([lines.worth, lines.minimum, lines.until], [worth, minimum, ''], JSON.stringify(terms));
	}
});

test('the expiry stands in the visitor’s own time zone', () => {
	assert.equal(termLines('ja', undefined, EXPIRES, 'Asia/Tokyo').until, '2026年11月30日(月) 23:59まで有効');
	assert.match(termLines('en', undefined, EXPIRES, 'UTC').until, /^Valid until Mon, Nov 30, 2026,? (at )?2:59\sPM$/);
});

test('a slip in the terms leaves the rest readable', () => {
	const broken = (terms: object): CouponTerms => terms as CouponTerms;
	assert.equal(termLines('en', broken({ kind: 'amount', value: 500, currency: 'yen!' }), undefined).worth, '500 off');
	assert.equal(termLines('en', broken({ kind: 'amount', value: Number.NaN }), undefined).worth, '');
	assert.equal(termLines('en', broken({ kind: 'percent', value: -1 }), undefined).worth, '');
	assert.equal(termLines('en', undefined, Number.POSITIVE_INFINITY).until, '');
	assert.equal(termLines('en', undefined, Number.NaN).until, '');
});
