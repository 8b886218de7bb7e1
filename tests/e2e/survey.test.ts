/** A survey's answers reach the edge one by one, and rules on the next page know them. Messages in a page stand where the page keeps room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf } from './pages/device.ts';
import { OTHER_PRODUCT, PRODUCT } from './pages/shop.ts';
import { bar, campaign, drawn, ready, stage, why, widgets } from './pages/stage.ts';
import type { Page } from '../driver/driver.ts';
import { until } from './support/until.ts';

const s = stage();

const questions = [
	{ name: 'nps', type: 'nps', ask: 'How likely?', required: true, next: [{ at_least: 9, go: 'end' }] },
	{ name: 'why', type: 'text', ask: 'Why?' },
];
const asks = (position: string) =>
	campaign('asks', {
		trigger: { on: 'view_item' },
		caps: { stop: [{ times: 1, of: 'clicked', within: 'visitor' }] },
		variants: [{ id: 'a', weight: 100, action: { kind: 'survey', position, survey: { id: 'visit', questions } } }],
	});
const fans = campaign('fans', {
	trigger: { on: 'search' },
	audience: { 'visitor.answers.nps': { $gte: 9 } },
	variants: [{ id: 'a', weight: 100, action: bar('For those who like us') }],
});

/** Presses something inside of the widget. */
function press(page: Page, selector: string): Promise<unknown> {
	return page.waitFor(
		(wanted) => {
			const found = document.querySelector('noren-widget')?.shadowRoot?.querySelector<HTMLElement>(wanted);
			found?.click();
			return found !== null && found !== undefined;
		},
		[selector],
		{ what: selector },
	);
}

test('an answer is known to rules on the next page, and who has answered is not asked again', async (t) => {
	await s.edge.admin.publish([asks('corner'), fans]);
	const page = await s.visit(t, PRODUCT);
	await page.findByRole('radio', /^10/);
	// Nobody answers what was never painted; an engine may have it in its tree before.
	await drawn(page);
	await press(page, 'input[value="10"]');
	await press(page, 'button[type=submit]');
	await press(page, '.steps .b1:not([type=submit])');
	await page.waitFor(() => document.querySelector('noren-widget') === null, [], { what: 'the survey to be gone' });
	await page.goto(s.address(OTHER_PRODUCT));
	await ready(page);
	// It comes down with what the edge knows, as fast as the line is.
	await until('the answer to be known', async () => {
		const told = await why(page, 'fans');
		return told?.gates.find(({ gate }) => gate === 'audience')?.pass;
	});
	await page.evaluate(() => void window.noren?.('track', 'search'));
	await page.findByRole('region', 'For those who like us');
	assert.equal(await widgets(page), 1, 'nobody is asked twice');
	const facts = await factsOf(s.edge.url, await deviceOf(page));
	assert.deepEqual(facts.answers, { nps: 10 });
	const counts = await s.counted('asks', 'treated', { shown: 1, impressions: 1, closed: 1, clicked: 1 });
	assert.deepEqual([counts.shown, counts.clicked, counts.closed], [1, 1, 1]);
});

test('who leaves half-way has said what they said', async (t) => {
	await s.edge.admin.publish([asks('center')]);
	const page = await s.visit(t, PRODUCT);
	await page.findByRole('dialog');
	await press(page, 'input[value="3"]');
	await press(page, 'button[type=submit]');
	await page.findByRole('textbox', /Why/);
	const device = await deviceOf(page);
	await page.goto('about:blank');
	await until('the answer at the edge', async () => (await factsOf(s.edge.url, device)).answers['nps'] === 3);
});

test('a message in the page stands in its place, and is counted as failed where there is none', async (t) => {
	const inline = (id: string, at: string) =>
		campaign(id, {
			variants: [{ id: 'a', weight: 100, action: { kind: 'inline', title: id, slot: { at, height: 80 } } }],
		});
	await s.edge.admin.publish([inline('here', 'footer'), inline('nowhere', '#nowhere')]);
	const page = await s.visit(t, PRODUCT);
	await page.waitFor(() => document.querySelector('footer noren-widget') !== null, [], { what: 'the message' });
	await page.findByRole('region', 'here');
	assert.equal(await widgets(page), 1);
	const counts = await s.counted('here', 'treated', { shown: 1, impressions: 1 });
	assert.equal(counts.impressions, 1);
	const lost = await s.counted('nowhere', 'treated', { shown: 1 });
	assert.equal(lost.impressions, 0);
});
