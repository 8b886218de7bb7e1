import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, palette, parseColour, type Rgb } from './theme.ts';

test('the forms of a campaign document are read, their alpha dropped', () => {
	for (const [value, expected] of [
		['#fff', [255, 255, 255]],
		['#7A2e2e', [122, 46, 46]],
		['#12a8', [17, 34, 170]],
		['#01020380', [1, 2, 3]],
	] as const) {
		assert.deepEqual(parseColour(value), expected, value);
	}
});

test('anything else is refused', () => {
	for (const value of [
		undefined,
		null,
		7,
		{},
		'',
		'red',
		'#',
		'#ff',
		'#fffff',
		'#fffffff',
		'#fffffffff',
		'#ggg',
		' #fff',
		'#fff\n',
		'rgb(1, 2, 3)',
		'var(--page)',
		'url(https://evil.example/)',
		'red; background: url(//evil.example)',
		'#fff;color:red',
		'expression(alert(1))',
		'inherit',
	]) {
		assert.equal(parseColour(value), undefined, String(value));
	}
});

test('contrast agrees with published values', () => {
	assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
	assert.equal(contrast([255, 255, 255], [255, 255, 255]), 1);
	// The grey that WCAG examples name as the lightest with 4.5 on white.
	assert.equal(contrast([118, 118, 118], [255, 255, 255]).toFixed(2), '4.54');
});

test('without a theme, or with a useless one, the style sheet decides', () => {
	assert.deepEqual(palette(undefined), {});
	assert.deepEqual(palette({}), {});
	assert.deepEqual(palette({ accent: 'url(x)', background: 'nope', text: '', radius: -4 }), {});
	assert.deepEqual(palette({ radius: Number.NaN }), {});
	assert.deepEqual(palette({ radius: '4px;x:y' as unknown as number }), {});
});

test('an accent alone leaves light and dark to the visitor', () => {
	assert.deepEqual(palette({ accent: '#7a2e2e' }), { '--accent': 'rgb(122 46 46)', '--on': 'rgb(255 255 255)' });
	assert.equal(palette({ accent: '#ffe08a' })['--on'], 'rgb(0 0 0)');
});

test('a background or a text colour settles both schemes', () => {
	assert.equal(palette({ background: '#fff' })['color-scheme'], 'light');
	assert.equal(palette({ background: '#102030' })['color-scheme'], 'dark');
	assert.equal(palette({ text: '#fff' })['--bg'], 'rgb(30 31 35)');
	assert.equal(palette({ text: '#222' })['--bg'], 'rgb(255 255 255)');
});

test('whatever a theme asks for, text can be read', () => {
	const steps = [0, 60, 118, 128, 190, 255];
	const greys = steps.map((step) => `#${step.toString(16).padStart(2, '0').repeat(3)}`);
	const colour = (value: string | undefined): Rgb => (value ?? '').match(/\d+/g)?.map(Number) as unknown as Rgb;
	for (const background of [...greys, '#f00', '#0a0', '#00f', '#ff0', '#777', '#7a7a7a', '#c05a2e']) {
		for (const text of greys) {
			const made = palette({ background, text, accent: text });
			assert.ok(contrast(colour(made['--bg']), colour(made['--fg'])) >= 4.5, `${text} on ${background}`);
			assert.ok(contrast(colour(made['--accent']), colour(made['--on'])) >= 4.5, `on ${text}`);
		}
	}
});

test('radius is kept within reason', () => {
	assert.equal(palette({ radius: 12 })['--radius'], '12px');
	assert.equal(palette({ radius: 0 })['--radius'], '0px');
	assert.equal(palette({ radius: 9e9 })['--radius'], '32px');
});
