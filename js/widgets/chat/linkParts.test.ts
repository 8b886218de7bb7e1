import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkParts } from './linkParts.ts';

test('addresses are found inside of sentences, Japanese ones too', () => {
	const rows: [string, ...string[]][] = [
		['no address here'],
		['see https://shop.example/a?b=c#d.', 'https://shop.example/a?b=c#d'],
		['こちらhttps://shop.example/senchaをご覧ください。', 'https://shop.example/sencha'],
		['「https://shop.example/」、http://b.example!', 'https://shop.example/', 'http://b.example'],
		['(https://shop.example/x)', 'https://shop.example/x'],
		['javascript:alert(1) data:text/html,x'],
		['https://'],
	];
	for (const [text, ...links] of rows) {
		const parts = linkParts(text);
		assert.deepEqual(
			parts.filter(({ href }) => href).map((part) => part.text),
			links,
			text,
		);
		assert.equal(parts.map((part) => part.text).join(''), text, 'no letter is lost');
	}
	assert.deepEqual(linkParts(''), []);
});
