/** How many others did something: a number that the page itself states, shown only from a least on. It makes none up. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { openInSlot, slotStyles } from '../common/slot.ts';
import { cornerStyles } from '../common/styles.ts';
import { countIn, withCount } from './count.ts';

const styles = `
.in h2{font-size:1.05em}
.in p{color:var(--soft)}
.in img{flex:none;max-height:100%;width:auto}
.corner>img{max-height:6em;width:auto}
`;

export const mount: Mount = (root, content, context) => {
	const place = content.count && document.querySelector<HTMLElement>(content.count.from);
	const count = countIn(place?.dataset['count'] ?? place?.textContent ?? undefined);
	if (!content.count || count === undefined || count < content.count.minimum) throw new Error('too few');
	const figure = new Intl.NumberFormat(context.language).format(count);
	const [title, body] = [withCount(content.title, figure), withCount(content.body, figure)];
	const { title: _, body: __, ...rest } = content;
	const said = { ...rest, ...(title !== undefined && { title }), ...(body !== undefined && { body }) };
	const spoken = speak(said, context);

	if (content.position === 'slot' && content.slot) {
		return openInSlot(root, content.slot, context, () => {
			const frame = openFrame(root, content, context, slotStyles + styles);
			const card = h('section', { class: 'card in', 'aria-label': spoken.name }, frame.closeButton());
			const parts = [...messageParts(said, context, spoken), buttonRow(frame, content.buttons, context)];
			card.append(...parts.filter((part) => part instanceof Node));
			frame.wrapper.append(card);
			return { close: frame.close, busy: () => false };
		});
	}
	const frame = openFrame(root, content, context, cornerStyles + styles);
	const parts = [...messageParts(said, context, spoken), buttonRow(frame, content.buttons, context)];
	openOverlay(frame, h('div', { class: 'corner' }, ...parts), spoken.name, `${spoken.title} ${spoken.body}`);
	return { close: frame.close, busy: () => false };
};
