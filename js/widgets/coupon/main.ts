/**
 * A coupon: the message, what the coupon is worth, and a code that the edge hands out when the widget is shown.
 * A modal, or with `position: corner` a card that takes no focus.
 */
import { h } from '../../shared/dom.ts';
import type { CouponAnswer, Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { BODY_ID, buttonRow, messageParts, speak } from '../common/message.ts';
import { openModal } from '../common/modal.ts';
import { openOverlay } from '../common/overlay.ts';
import { cornerStyles, modalStyles } from '../common/styles.ts';
import { couponWords, wordsIn } from '../common/words.ts';
import { copyText } from './copyText.ts';
import { termLines } from './terms.ts';

/** How long the button says that the code was copied. */
const COPIED_FOR_MS = 4000;

/** Who has to wait for longer than this is told to come back another day rather than to press a button. */
const BUSY_MAX_S = 120;

/** The ticket's height is reserved, so that nothing above it moves when the answer arrives. Its button is the one that stands out. */
const styles = `
.ticket{display:grid;gap:.7em;align-content:center;justify-items:center;min-height:15.5em;padding:1em;text-align:center;border:1px dashed currentColor;border-color:color-mix(in srgb,var(--fg) 32%,transparent);border-radius:calc(var(--radius)*.7);background:color-mix(in srgb,var(--fg) 4%,transparent)}
.worth{font-size:1.6em;font-weight:700;line-height:1.3}
.ticket+.sr+.acts .b1{background:none;color:inherit;border-color:var(--line)}
.fine:empty{display:none}
.fine{font-size:.875em;color:var(--soft);line-height:1.5}
.code{font:600 1.3em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono CJK JP",monospace;letter-spacing:.06em;padding:.15em .7em;border-radius:.35em;background:color-mix(in srgb,var(--fg) 9%,transparent);-webkit-user-select:all;user-select:all;cursor:text}
.ghost{width:9em;height:2.2em;border-radius:.4em;background:var(--line);animation:pulse 1.4s ease-in-out infinite}
@keyframes pulse{50%{opacity:.45}}
`;

/** What a claim that had no answer is called: too many at once (429), whether for a moment or for today, or no connection. */
function refusal(cause: unknown): CouponAnswer {
	if (!(cause instanceof Response) || cause.status !== 429) return { ok: false, code: 'unreachable' };
	const seconds = Number(cause.headers.get('retry-after'));
	return { ok: false, code: seconds > BUSY_MAX_S ? 'enough' : 'busy' };
}

export const mount: Mount = (root, content, context) => {
	const words = wordsIn(couponWords, context.language);
	const spoken = speak(content, context);
	const corner = content.position === 'corner';
	const frame = openFrame(root, content, context, (corner ? cornerStyles : modalStyles) + styles);
	const ticket = h('div', { class: 'ticket', tabindex: '-1' });
	const status = h('div', { class: 'sr', role: 'status' });
	const card = h(
		'div',
		corner ? { class: 'corner' } : {},
		...messageParts(content, context, spoken),
		ticket,
		status,
		buttonRow(frame, content.buttons, context),
	);
	const say = (text: string): void => status.replaceChildren(text);

	const claim = async (): Promise<void> => {
		// The visitor may have pressed "try again": the button goes, the focus stays in its place.
		const held = ticket.contains(root.activeElement);
		ticket.replaceChildren(h('div', { class: 'ghost' }), h('p', { class: 'fine' }, words.loading));
		if (held) ticket.focus({ preventScroll: true });
		ticket.setAttribute('aria-busy', 'true');
		const answer = await context.coupon().catch((cause: unknown) => refusal(cause));
		if (frame.signal.aborted) return;
		ticket.removeAttribute('aria-busy');
		if (answer.ok) showCode(answer);
		else showFailure(answer.code);
		if (held) ticket.querySelector('button')?.focus({ preventScroll: true });
	};

	const showCode = (answer: CouponAnswer & { ok: true }): void => {
		const lines = termLines(context.language, answer.terms, answer.expires);
		const code = h('code', { class: 'code' }, answer.code);
		const note = h('p', { class: 'fine' });
		const copy = h('button', { class: 'b1', type: 'button' }, words.copy);
		copy.addEventListener(
			'click',
			async () => {
				const copied = await copyText(answer.code, card);
				if (frame.signal.aborted) return;
				if (!copied) getSelection()?.selectAllChildren(code);
				else context.clicked('copy');
				say(copied ? words.copied : words.copyFailed);
				copy.replaceChildren(copied ? `✓ ${words.copied}` : words.copy);
				note.textContent = copied ? '' : words.copyFailed;
				frame.later(() => copy.replaceChildren(words.copy), COPIED_FOR_MS);
			},
			{ signal: frame.signal },
		);
		ticket.replaceChildren(
			...[
				lines.worth && h('p', { class: 'worth' }, lines.worth),
				lines.minimum && h('p', { class: 'fine' }, lines.minimum),
				h('p', {}, h('span', { class: 'sr' }, words.code), code),
				copy,
				lines.until && h('p', { class: 'fine' }, lines.until),
				note,
			].filter((part) => part !== ''),
		);
		say([`${words.code} ${answer.code}`, lines.worth, lines.minimum, lines.until].filter(Boolean).join(' '));
	};

	const showFailure = (code: string): void => {
		// An answer of the edge stands; only where there was none, it broke on the way, or too many asked at once, another try makes sense.
		const again = code === 'busy' ? words.busy : code === 'unreachable' && words.failed;
		const final =
			{ pool_empty: words.empty, pool_closed: words.over, enough: words.enough }[code] ?? (!again && words.notEligible);
		const message = again || final || '';
		const retry = h('button', { class: 'b2', type: 'button' }, words.retry);
		retry.addEventListener('click', () => void claim(), { signal: frame.signal });
		ticket.replaceChildren(h('p', {}, message), ...(final ? [] : [retry]));
		say(message);
	};

	if (corner) openOverlay(frame, card, spoken.name, `${spoken.title} ${spoken.body}`);
	else openModal(frame, card, spoken.name, spoken.body && BODY_ID);
	void claim();
	return { close: frame.close, busy: () => false };
};
