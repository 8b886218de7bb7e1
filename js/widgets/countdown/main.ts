/**
 * A bar or a card with the time that is left. A deadline that is the visitor's own is kept on the device and does not start over; where
 * nothing may be kept, or the time is over already, the widget does not show at all, because it could only tell an untruth.
 *
 * The figures change every second without a word; their meaning in words changes once a minute, for whoever asks for it. The end is said
 * once. Nothing closes by itself.
 */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { barStyles, cornerStyles } from '../common/styles.ts';
import { countdownWords, fill, wordsIn } from '../common/words.ts';
import { deadlineOf, leftOf, spokenLeft } from './left.ts';

const styles = `
.time{display:flex;gap:.35em;font-variant-numeric:tabular-nums;flex:none}
.time span{display:grid;justify-items:center;min-width:2.7em;padding:.2em .35em;border-radius:.5em;background:color-mix(in srgb,var(--fg) 8%,var(--bg));font-size:.75em;line-height:1.35}
.time b{font-size:1.75em;font-weight:650;line-height:1.25}
.over:empty{display:none}
.over{font-weight:600}
[hidden]{display:none!important}
`;

export const mount: Mount = (root, content, context) => {
	const clock = content.countdown ?? {};
	const key = `t.${clock.name}`;
	const deadline = deadlineOf(clock, Date.now(), clock.until === undefined ? context.memory(key) : undefined);
	if (deadline === undefined || deadline <= Date.now()) throw new Error('the time is over');
	if (clock.until === undefined && context.memory(key, String(deadline)) === undefined)
		throw new Error('a deadline cannot be kept');

	const words = wordsIn(countdownWords, context.language);
	const spoken = speak(content, context);
	const corner = content.position === 'corner';
	const frame = openFrame(root, content, context, (corner ? cornerStyles : barStyles) + styles);
	const figures = words.units.map(() => h('b'));
	const cells = figures.map((figure, i) => h('span', {}, figure, words.units[i]));
	const time = h('div', { class: 'time', role: 'timer' });
	for (const cell of cells) cell.setAttribute('aria-hidden', 'true');
	time.append(...cells);
	const over = h('p', { class: 'over', role: 'status' });
	const buttons = buttonRow(frame, content.buttons, context);

	const told = (): string => fill(words.left, spokenLeft(leftOf(deadline, Date.now()), context.language));
	const tick = (): void => {
		const now = Date.now();
		const left = leftOf(deadline, now);
		if (now >= deadline) {
			time.hidden = true;
			// What leads to an offer that is over leads nowhere.
			if (buttons instanceof HTMLElement) buttons.hidden = true;
			over.textContent = context.text(content.ended) || words.ended;
			return;
		}
		left.forEach((value, i) => {
			const figure = figures[i];
			if (figure) figure.textContent = i ? String(value).padStart(2, '0') : String(value);
		});
		if (cells[0]) cells[0].hidden = !left[0];
		if (!time.ariaLabel || left[3] === 0) time.setAttribute('aria-label', told());
		// On the second itself, by the clock: a timer that was late, or slept, does not lag behind.
		frame.later(tick, ((deadline - now) % 1000) + 1);
	};
	tick();

	const [title, body] = messageParts(content, context, spoken);
	const announcement = `${spoken.title} ${spoken.body} ${told()}`;
	const place = corner ? 'corner' : `bar ${content.position === 'bottom' ? 'bottom' : 'top'}`;
	const card = h('div', { class: place });
	if (corner) card.append(...[title, body, time, over, buttons].filter((part) => part instanceof Node));
	else card.append(h('div', { class: 'say' }, h('div', { class: 'words' }, title, body, over), time, buttons));
	openOverlay(frame, card, spoken.name, announcement);
	return { close: frame.close, busy: () => false };
};
