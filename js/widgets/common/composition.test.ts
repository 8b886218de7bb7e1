import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	compositionStep,
	isComposingKey,
	NOT_COMPOSING,
	type CompositionEventKind,
	watchComposition,
} from './composition.ts';

test('a key is the input method’s when the event says so, or by its code', () => {
	assert.equal(isComposingKey({ isComposing: true, keyCode: 27 }), true);
	assert.equal(isComposingKey({ isComposing: false, keyCode: 229 }), true);
	assert.equal(isComposingKey({ isComposing: false, keyCode: 13 }), false);
});

/** Runs the events and says whether a close request after them must be ignored. */
function held(...events: CompositionEventKind[]): boolean {
	const { composing, settling } = events.reduce(compositionStep, NOT_COMPOSING);
	return composing || settling;
}

test('a close request is ignored exactly while it may belong to the input method', () => {
	assert.equal(held(), false);
	assert.equal(held('key for the page'), false);
	assert.equal(held('start'), true);
	assert.equal(held('start', 'key for the input method', 'key up'), true, 'still composing');
	// Chromium and Firefox: the key comes first.
	assert.equal(held('start', 'key for the input method', 'end'), true);
	assert.equal(held('start', 'key for the input method', 'end', 'key up'), false);
	// Safari: the composition ends first.
	assert.equal(held('start', 'end', 'key for the input method'), true);
	assert.equal(held('start', 'end', 'key for the input method', 'key up'), false);
	// Ended by a click, without any key: the next Escape is the page's.
	assert.equal(held('start', 'end', 'key for the page'), false);
});

test('events are followed from an element, until the widget is gone', () => {
	const target = new EventTarget();
	const life = new AbortController();
	const composing = watchComposition(target, life.signal);
	target.dispatchEvent(new Event('compositionstart'));
	assert.equal(composing(), true);
	target.dispatchEvent(new Event('compositionend'));
	assert.equal(composing(), true);
	target.dispatchEvent(new Event('keyup'));
	assert.equal(composing(), false);
	life.abort();
	target.dispatchEvent(new Event('compositionstart'));
	assert.equal(composing(), false);
});
