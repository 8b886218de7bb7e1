import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Campaign, Document } from '../../api/types.ts';
import {
	add,
	arrive,
	calendarNames,
	changes,
	discard,
	duplicate,
	EMPTY,
	item,
	items,
	keepMine,
	obstacle,
	pack,
	print,
	read,
	remove,
	restore,
	same,
	SITE,
	siteOf,
	setStatus,
	textOf,
	toPublish,
	unpack,
	write,
	type Workspace,
} from './workspace.ts';

function campaign(id: string, more: Record<string, unknown> = {}): Campaign {
	const document = { id, name: id.toUpperCase(), ...more };
	return { id, name: document.name, status: 'live', sentence: { en: '', ja: '' }, document, stopped: null };
}

const LIVE: Workspace = arrive(EMPTY, { version: 7, site: {}, campaigns: [campaign('a'), campaign('b')] });
const edit = (space: Workspace, key: string, more: Record<string, unknown>) =>
	write(space, key, print({ ...(read(textOf(space, key) ?? '') as Document), ...more }));

test('writing back what is live ends the draft, whatever the order of keys', () => {
	const edited = edit(LIVE, 'a', { priority: 1 });
	assert.equal(changes(edited).length, 1);
	assert.equal(changes(write(edited, 'a', '{"name":"A","id":"a"}')).length, 0);
});

test('spaces are no change, and stay as their author set them', () => {
	const spaced = write(LIVE, 'a', '{ "id": "a", "name": "A" }');
	assert.equal(changes(spaced).length, 0);
	assert.equal(textOf(spaced, 'a'), '{ "id": "a", "name": "A" }');
	assert.equal(pack(spaced), undefined);
	const theirs = arrive(spaced, { version: 8, site: {}, campaigns: [campaign('a', { priority: 2 }), campaign('b')] });
	assert.equal(changes(theirs).length, 0);
	assert.equal(textOf(theirs, 'a')?.includes('"priority": 2'), true);
});

test('the layout of what was just published stays in the editor', () => {
	const text = '{ "id": "a", "name": "A", "priority": 1 }';
	const published = arrive(write(LIVE, 'a', text), {
		version: 8,
		site: {},
		campaigns: [campaign('a', { priority: 1 }), campaign('b')],
	});
	assert.equal(textOf(published, 'a'), text);
	assert.equal(changes(published).length, 0);
});

test('only what changed is sent, on the version it was changed on', () => {
	const { base, campaigns, replace } = toPublish(edit(LIVE, 'b', { priority: 1 }));
	assert.equal(base, 7);
	assert.equal(replace, false);
	assert.deepEqual(campaigns, [{ id: 'b', name: 'B', priority: 1 }]);
});

test('a deletion sends the whole set without it', () => {
	const { campaigns, replace } = toPublish(remove(LIVE, 'a'));
	assert.equal(replace, true);
	assert.deepEqual(
		campaigns.map((one) => one['id']),
		['b'],
	);
});

test('a campaign that was given another id replaces the old one', () => {
	const renamed = edit(LIVE, 'a', { id: 'z' });
	assert.equal(item(renamed, 'a').change, 'renamed');
	const { campaigns, replace } = toPublish(renamed);
	assert.equal(replace, true);
	assert.deepEqual(
		campaigns.map((one) => one['id']),
		['z', 'b'],
	);
});

test('pausing keeps everything else, and undo brings the draft before it back', () => {
	const edited = edit(LIVE, 'a', { priority: 1 });
	const before = edited.drafts.get('a');
	const paused = setStatus(edited, 'a', 'paused') as Workspace;
	assert.deepEqual(read(textOf(paused, 'a') ?? ''), { id: 'a', name: 'A', status: 'paused', priority: 1 });
	assert.deepEqual(textOf(restore(paused, 'a', before), 'a'), textOf(edited, 'a'));
	assert.equal(changes(restore(remove(LIVE, 'a'), 'a', undefined)).length, 0);
});

test('a copy gets a free id and starts paused', () => {
	const first = duplicate(LIVE, 'a');
	assert.equal(first?.key, 'a-2');
	const second = duplicate(first?.space ?? LIVE, 'a');
	assert.equal(second?.key, 'a-3');
	assert.equal(item(second?.space ?? LIVE, 'a-3').status, 'paused');
	assert.equal(item(second?.space ?? LIVE, 'a-3').change, 'added');
});

test('a new campaign that is deleted again leaves nothing to publish', () => {
	const added = add(LIVE, { id: 'new' });
	assert.deepEqual(obstacle(remove(added.space, added.key)), { kind: 'nothing' });
});

test('a draft nobody else touched moves on to the new version by itself', () => {
	const mine = edit(LIVE, 'a', { priority: 1 });
	const theirs = arrive(mine, { version: 8, site: {}, campaigns: [campaign('a'), campaign('b', { priority: 9 })] });
	assert.equal(theirs.version, 8);
	assert.equal(obstacle(theirs), undefined);
	assert.equal(toPublish(theirs).base, 8);
});

test('a draft that somebody else also changed waits for a decision', () => {
	const mine = edit(LIVE, 'a', { priority: 1 });
	const both = arrive(mine, { version: 8, site: {}, campaigns: [campaign('a', { priority: 2 }), campaign('b')] });
	assert.deepEqual(obstacle(both), { kind: 'conflict', key: 'a' });
	assert.equal(obstacle(keepMine(both, 'a')), undefined);
	assert.deepEqual(obstacle(discard(both, 'a')), { kind: 'nothing' });
});

test('deleting what somebody else edited, and editing what they deleted, are conflicts too', () => {
	const edited = { version: 8, site: {}, campaigns: [campaign('a', { priority: 2 }), campaign('b')] };
	assert.deepEqual(obstacle(arrive(remove(LIVE, 'a'), edited)), { kind: 'conflict', key: 'a' });
	const gone = { version: 8, site: {}, campaigns: [campaign('b')] };
	assert.deepEqual(obstacle(arrive(edit(LIVE, 'a', { priority: 1 }), gone)), { kind: 'conflict', key: 'a' });
});

test('two people who made the same change agree', () => {
	const mine = edit(LIVE, 'a', { priority: 2 });
	const both = arrive(mine, { version: 8, site: {}, campaigns: [campaign('a', { priority: 2 }), campaign('b')] });
	assert.equal(changes(both).length, 0);
});

test('a text that is not JSON, and an id used twice, stop the publishing and name the place', () => {
	assert.deepEqual(obstacle(write(LIVE, 'a', '{"id": ')), { kind: 'broken', key: 'a' });
	assert.deepEqual(obstacle(edit(LIVE, 'a', { id: 'b' })), { kind: 'twice', key: 'b' });
});

test('drafts survive being put away', () => {
	const space = remove(edit(LIVE, 'a', { priority: 1 }), 'b');
	assert.deepEqual(unpack(pack(space)), space.drafts);
	for (const broken of [
		null,
		'',
		'{',
		'[]',
		'{"v":2}',
		'{"v":1,"drafts":[null,3,{"key":1},{"key":"a","text":4,"before":null}]}',
	]) {
		assert.equal(unpack(broken).size, 0);
	}
});

test('items come in the live order, new ones last', () => {
	const added = add(LIVE, { id: 'new' });
	assert.deepEqual(
		items(added.space).map((one) => one.key),
		['a', 'b', 'new'],
	);
});

test('documents are compared by what they say', () => {
	assert.equal(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), true);
	assert.equal(same({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
	assert.equal(same({ a: undefined }, {}), false);
	assert.equal(same([1], { 0: 1 }), false);
	assert.equal(same({ toString: 1 }, { a: 1 }), false);
});

const JP: Document = { calendars: { jp: ['2026-12-31'] } };
const SAID: Workspace = arrive(EMPTY, { version: 7, site: JP, campaigns: [campaign('a'), campaign('b')] });
const more = (space: Workspace, document: Document) => write(space, SITE, print({ ...siteOf(space), ...document }));

test('the site’s document is a change like any other, published with the campaigns, and in no list of them', () => {
	assert.deepEqual([changes(SAID).length, siteOf(SAID)], [0, JP]);
	const held = more(SAID, { holdout: { share: 5 } });
	assert.deepEqual(
		changes(held).map((one) => [one.key, one.change]),
		[[SITE, 'changed']],
	);
	assert.equal(items(held).length, 2);
	assert.equal(obstacle(held), undefined);
	assert.deepEqual(toPublish(held), {
		base: 7,
		campaigns: [],
		keys: [],
		replace: false,
		site: { ...JP, holdout: { share: 5 } },
	});
	assert.equal('site' in toPublish(edit(SAID, 'a', { priority: 1 })), false);
	const both = toPublish(remove(held, 'a'));
	assert.deepEqual([both.replace, both.keys, both.site], [true, ['b'], { ...JP, holdout: { share: 5 } }]);
	assert.equal(changes(more(held, { holdout: undefined })).length, 0, 'back to what is live');
	assert.deepEqual(unpack(pack(held)), held.drafts);
	assert.deepEqual(siteOf(discard(held, SITE)), JP);
});

test('the site’s document changed by somebody else meanwhile is told, and one of the two counts', () => {
	const held = more(SAID, { holdout: { share: 5 } });
	const theirs = { version: 8, site: { ...JP, holdout: { share: 9 } }, campaigns: [campaign('a'), campaign('b')] };
	const met = arrive(held, theirs);
	assert.deepEqual([item(met, SITE).conflict, obstacle(met)], [true, { kind: 'conflict', key: SITE }]);
	assert.equal(obstacle(keepMine(met, SITE)), undefined);
	assert.deepEqual(siteOf(keepMine(met, SITE)), { ...JP, holdout: { share: 5 } });
	assert.deepEqual(siteOf(discard(met, SITE)), theirs.site);
	assert.equal(changes(arrive(held, { ...theirs, site: { ...JP, holdout: { share: 5 } } })).length, 0);
	const untouched = arrive(SAID, theirs);
	assert.deepEqual([changes(untouched).length, siteOf(untouched)], [0, theirs.site]);
});

test('calendars are named where a schedule names them, and nowhere else', () => {
	assert.deepEqual(calendarNames(JP, '/schedule/calendar/closed'), ['jp']);
	assert.deepEqual(calendarNames(JP, '/schedule/calendar/open'), ['jp']);
	assert.deepEqual(calendarNames(JP, '/schedule/zone'), []);
	assert.deepEqual(calendarNames({ calendars: ['jp'] }, '/schedule/calendar/open'), []);
});
