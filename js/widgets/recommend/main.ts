/** Items to look at: a card in the corner, or a row in the page. */
import { h } from '../../shared/dom.ts';
import { safeUrl } from '../../shared/safeUrl.ts';
import type { Item, Mount, WidgetHandle } from '../../shared/widget.ts';
import { openFrame, type Frame } from '../common/frame.ts';
import { messageParts, picture, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { openInSlot, slotStyles } from '../common/slot.ts';
import { cornerStyles } from '../common/styles.ts';
import { itemsOf, priceOf } from './items.ts';

const styles = `
ul{all:unset;display:grid;gap:.3em;min-width:0;margin-inline:-.35em}
li{all:unset;display:block;min-width:0}
li a{all:unset;box-sizing:border-box;display:flex;align-items:center;gap:.8em;min-height:44px;width:100%;padding:.35em;border-radius:.6em;cursor:pointer}
li a:hover .name{text-decoration:underline;text-underline-offset:.15em}
li img{flex:none;width:64px;height:64px;object-fit:cover}
li div{min-width:0}
.name{font-weight:600;line-height:1.4}
.note,.price{font-size:.9em;line-height:1.4}
.note{color:var(--soft)}
.price{font-variant-numeric:tabular-nums}
.in{display:grid;grid-template-rows:auto minmax(0,1fr);gap:.5em}
.in{padding-inline-end:1.2em}
.in .say{padding-inline-end:2.4em}
.in .say h2{font-size:1.1em}
.in .say p{color:var(--soft)}
.in ul{margin:0;display:flex;gap:.6em;overflow:auto;overscroll-behavior-inline:contain;scroll-snap-type:inline proximity;padding:3px}
.in li{flex:0 0 11em;scroll-snap-align:start}
.in li a{flex-direction:column;align-items:stretch;gap:.4em}
.in li img{width:100%;height:auto;aspect-ratio:4/3}
`;

export const mount: Mount = (root, content, context) => {
	const page = content.from === undefined ? undefined : document.querySelector(content.from)?.textContent;
	const items = itemsOf(content, page ?? undefined, document.baseURI);
	if (!items.length) throw new Error('no items');
	const spoken = speak(content, context);

	const row = (frame: Frame): HTMLElement => {
		const entry = (item: Item, index: number): HTMLElement => {
			const name = h('div', { class: 'name' }, context.text(item.title));
			const note = context.text(item.note);
			const price = priceOf(item, context.language);
			const link = h('a', { href: safeUrl(item.url, document.baseURI) }, picture(item.image, context));
			link.append(
				h('div', {}, name, note && h('div', { class: 'note' }, note), price && h('div', { class: 'price' }, price)),
			);
			link.addEventListener('click', () => context.clicked(`item:${index}`), { signal: frame.signal });
			return h('li', {}, link);
		};
		// Looks that are not a list's take its role away in some browsers.
		return h('ul', { role: 'list' }, ...items.map(entry));
	};

	if (content.position === 'slot' && content.slot) {
		return openInSlot(root, content.slot, context, (): WidgetHandle => {
			const frame = openFrame(root, content, context, slotStyles + styles);
			const [title, body] = messageParts(content, context, spoken);
			const card = h('section', { class: 'card in', 'aria-label': spoken.name }, frame.closeButton());
			card.append(h('div', { class: 'say' }, title, body), row(frame));
			frame.wrapper.append(card);
			return { close: frame.close, busy: () => false };
		});
	}
	const frame = openFrame(root, content, context, cornerStyles + styles);
	const card = h('div', { class: 'corner' }, ...messageParts(content, context, spoken), row(frame));
	openOverlay(frame, card, spoken.name, `${spoken.title} ${spoken.body}`);
	return { close: frame.close, busy: () => false };
};
