/** A message in the page itself, in a place that the page keeps for it. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openInSlot, slotStyles } from '../common/slot.ts';

const styles = `
.say{flex:1 1 12em;min-width:0;display:grid;gap:.35em}
.say h2{font-size:1.1em}
.say p{color:var(--soft)}
.in img{height:100%;width:auto;max-width:30%;object-fit:cover}
.in .acts{max-width:40%}
@media(max-width:36em){.in{flex-wrap:wrap;align-content:center}.in img{display:none}.in .acts{max-width:none}}
`;

export const mount: Mount = (root, content, context) =>
	openInSlot(root, content.slot ?? { at: '', height: 0 }, context, () => {
		const spoken = speak(content, context);
		const frame = openFrame(root, content, context, slotStyles + styles);
		const [title, body, image] = messageParts(content, context, spoken);
		const card = h('section', { class: 'card in', 'aria-label': spoken.name });
		const parts = [frame.closeButton(), image, h('div', { class: 'say' }, title, body)];
		card.append(...parts.filter((part) => part instanceof Node));
		const buttons = buttonRow(frame, content.buttons, context);
		if (buttons) card.append(buttons);
		frame.wrapper.append(card);
		return { close: frame.close, busy: () => false };
	});
