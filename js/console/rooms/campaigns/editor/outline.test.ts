import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outline, placeAt, rangeOf, split } from './outline.ts';

/** `|` in the text marks the cursor. */
function place(marked: string) {
	const position = marked.indexOf('|');
	return placeAt(outline(marked.replace('|', '')), position);
}

function slips(text: string): string[] {
	return outline(text).slips.map((slip) => `${slip.code}@${slip.from}`);
}

test('a text without slips is a text that JSON.parse takes, and the other way round', () => {
	const texts = [
		'{}',
		'[]',
		'{"a":1}',
		'{"a":[1,2,{"b":null}]}',
		'"x"',
		'-1.5e3',
		'{"a":"\\u3042\\n"}',
		'',
		'{',
		'{"a"}',
		'{"a":}',
		'{"a":1,}',
		'[1,]',
		'[1 2]',
		'[,1]',
		'{"a":1 "b":2}',
		'{,}',
		'{"a":tru}',
		'{"a":01}',
		'{"a":"x}',
		'{a:1}',
		'{"a":1}}',
		'{"a":"\\q"}',
		'[1:2]',
		'[}',
		'{"a":1]',
	];
	for (const text of texts) {
		let valid = true;
		try {
			JSON.parse(text);
		} catch {
			valid = false;
		}
		assert.equal(outline(text).slips.length === 0, valid, text);
	}
});

test('a slip says what was expected and where', () => {
	assert.deepEqual(slips('{"a":1 "b":2}'), ['json_comma_expected@7']);
	assert.deepEqual(slips('{"a":}'), ['json_value_expected@5']);
	assert.deepEqual(slips('{"a" 1}')[0], 'json_colon_expected@1');
	assert.deepEqual(slips('{"a":1,"a":2}'), ['json_key_twice@7']);
	assert.deepEqual(slips('{"a":1,}'), ['json_key_expected@6']);
});

test('what stands behind a slip is still found', () => {
	const read = outline('{"a": , "b": {"c": 5}}');
	assert.equal(read.entries.get('/b/c')?.scalar, 5);
});

test('a value still to be written does not swallow the next key', () => {
	assert.deepEqual(slips('{"a": "b": 1}'), ['json_value_expected@1']);
	assert.equal(outline('{"a": "b": 1}').entries.get('/b')?.scalar, 1);
	assert.equal(place('{"a": |"b": 1}')?.pointer, '/a');
	assert.equal(place('{"|" "b": 1}')?.comma, true);
	assert.equal(place('{"|", "b": 1}')?.comma, false);
});

test('a hundred thousand brackets end in a slip, not in an exhausted stack', () => {
	assert.equal(outline('['.repeat(100_000)).slips[0]?.code !== undefined, true);
});

test('a finding marks the value, the key of an object, or what lacks the field', () => {
	const text = '{"audience":{"visitor.visits":{"$gtt":3}},"name":"x"}';
	const read = outline(text);
	const marked = (pointer: string) => {
		const range = rangeOf(read, pointer);
		return text.slice(range.from, range.to);
	};
	assert.equal(marked('/audience/visitor.visits/$gtt'), '3');
	assert.equal(marked('/audience'), '"audience"');
	assert.equal(marked('/name'), '"x"');
	assert.equal(marked('/audience/missing/deeper'), '"audience"');
	assert.equal(marked('/missing'), '{');
	assert.equal(marked(''), '{');
});

test('pointers are escaped as RFC 6901 has it', () => {
	const read = outline('{"a/b":{"c~d":1}}');
	assert.equal(read.entries.get('/a~1b/c~0d')?.scalar, 1);
	assert.deepEqual(split('/a~1b/c~0d'), ['a/b', 'c~d']);
});

test('a place knows whether a key or a value is meant, and of what', () => {
	const cases: [string, string | undefined][] = [
		['{|}', 'key '],
		['{"na|}', 'key '],
		['{"a":{"x":1,|}}', 'key /a'],
		['{"a":{"x":1},"|"}', 'key '],
		['{"a":|}', 'value /a'],
		['{"a": "li|"}', 'value /a'],
		['{"a": tr|}', 'value /a'],
		['{"a":[{"k":1},|]}', 'value /a/1'],
		['{"a":["x|"]}', 'value /a/0'],
		['{"a":[|]}', 'value /a/0'],
		['{"a":1|}', 'value /a'],
		['{"a":"x"|}', undefined],
		['{}|', undefined],
		['|', undefined],
	];
	for (const [text, expected] of cases) {
		const found = place(text);
		assert.equal(found === undefined ? undefined : `${found.kind} ${found.pointer}`, expected, text);
	}
});

test('a key place lists the keys that are taken and whether a colon follows', () => {
	assert.deepEqual(place('{"a":1,|"b":2}')?.taken, ['a', 'b']);
	assert.equal(place('{"a|":1}')?.colon, true);
	assert.equal(place('{"a|"}')?.colon, false);
});
