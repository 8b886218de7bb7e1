import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Document, Finding } from '../../api/types.ts';
import { arrive, EMPTY, items } from '../campaigns/workspace.ts';
import {
	calendarsOf,
	datesIn,
	findingsAt,
	holdoutOf,
	namesIn,
	pathOf,
	renamed,
	textOfDates,
	usersOf,
	withCalendar,
	withDates,
	withHoldout,
	withoutCalendar,
} from './form.ts';

test('a share is a number when it is one, and stays as typed when it is none', () => {
	const rows: [string, string, Document][] = [
		['', '', {}],
		['5', '', { holdout: { share: 5 } }],
		[' 2.5 ', '', { holdout: { share: 2.5 } }],
		['5', '', { holdout: { share: 5 } }],
		['five', '', { holdout: { share: 'five' } }],
		['-1', '', { holdout: { share: '-1' } }],
		['', '2026', { holdout: { seed: '2026' } }],
		['0', '2026', { holdout: { share: 0, seed: '2026' } }],
	];
	for (const [share, seed, expected] of rows) {
		const site = withHoldout({}, { share, seed });
		assert.deepEqual(site, expected, share);
		assert.deepEqual(withHoldout(site, holdoutOf(site)), site);
	}
	assert.deepEqual(withHoldout({ holdout: { share: 5 }, calendars: {} }, { share: '', seed: '' }), { calendars: {} });
});

test('names of traits stand one a line', () => {
	assert.deepEqual(namesIn(' 持病 \r\n\nhome, address\n持病\n'), ['持病', 'home, address']);
	assert.deepEqual(namesIn(' \n'), []);
});

test('dates are read from what people paste', () => {
	assert.deepEqual(datesIn('2026-12-31\n2027/1/1, 2027.1.2  2027年1月3日\n\n2027-1-4'), [
		'2026-12-31',
		'2027-01-01',
		'2027-01-02',
		'2027-01-03',
		'2027-01-04',
	]);
	assert.deepEqual(datesIn('New Year'), ['New', 'Year']);
	assert.deepEqual(datesIn(' \n'), []);
	assert.equal(textOfDates(['2026-12-31', 7, '2027-01-01']), '2026-12-31\n7\n2027-01-01');
});

test('calendars come and go, keep their order, and never share a name', () => {
	let site: Document = withCalendar({}).site;
	site = withCalendar(site).site;
	assert.deepEqual(
		calendarsOf(site).map((one) => one.name),
		['calendar', 'calendar-2'],
	);
	site = withDates(site, 'calendar', '2026-12-31');
	assert.equal(renamed(site, 'calendar', 'calendar-2'), undefined);
	site = renamed(site, 'calendar', 'jp') ?? {};
	assert.deepEqual(calendarsOf(site), [
		{ name: 'jp', dates: ['2026-12-31'] },
		{ name: 'calendar-2', dates: [] },
	]);
	assert.equal(renamed(site, 'jp', 'jp') === undefined, false);
	assert.deepEqual(withoutCalendar(withoutCalendar(site, 'calendar-2'), 'jp'), {});
	assert.deepEqual(calendarsOf({ calendars: [] }), []);
});

test('who uses a calendar, and what is said about it', () => {
	const campaign = (id: string, calendar: unknown) => ({
		id,
		name: id,
		status: 'live',
		sentence: { en: '', ja: '' },
		document: { id, schedule: { calendar } },
		stopped: null,
	});
	const campaigns = [campaign('a', { closed: 'jp' }), campaign('b', { open: 'jp' }), campaign('c', { closed: ['jp'] })];
	const space = arrive(EMPTY, { version: 1, site: {}, campaigns });
	assert.deepEqual(
		usersOf(items(space), 'jp').map((one) => one.id),
		['a', 'b'],
	);
	const finding = (campaign: string, path: string) => ({ campaign, path }) as Finding;
	const findings = [finding('', '/calendars/jp/0'), finding('', '/calendars/jpn'), finding('a', '/calendars/jp')];
	assert.deepEqual(findingsAt(findings, '/calendars/jp'), [findings[0]]);
	assert.equal(pathOf('a/b~c'), '/calendars/a~1b~0c');
});
