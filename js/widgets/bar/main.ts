/** A strip along the top or the bottom of the screen. It lies over the page and moves nothing in it. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';

const styles = `
.bar{position:fixed;inset-inline:12px;max-width:60em;margin-inline:auto;max-height:60dvh;overflow:auto;overscroll-behavior:contain;display:flex;align-items:center;gap:.5em 1.1em;padding:.55em .6em .55em 1.3em}
.top{inset-block-start:max(12px,env(safe-area-inset-top))}
.bottom{inset-block-end:max(12px,env(safe-area-inset-bottom))}
.top.card{animation-name:down}
@keyframes down{from{opacity:0;transform:translateY(-10px)}}
.say{flex:1;min-width:0;display:flex;flex-wrap:wrap;align-items:center;gap:.5em 1.1em}
.words{flex:1 1 16em}
.words h2{font-size:1em}
.words p{color:var(--soft);font-size:.94em}
.bar img{height:56px;width:auto;max-width:30%;object-fit:cover}
.bar .x{order:1;align-self:start}
@media(max-width:36em){.bar img{display:none}.bar{padding-inline-start:1em;align-items:start}.bar .acts{width:100%}.bar .acts>*{flex:1 1 auto}}
`;

export const mount: Mount = (root, content, context) => {
	const spoken = speak(content, context);
	const frame = openFrame(root, content, context, styles);
	const [title, body, image] = messageParts(content, context, spoken);
	const card = h(
		'div',
		{ class: `bar ${content.position === 'bottom' ? 'bottom' : 'top'}` },
		image,
		h('div', { class: 'say' }, h('div', { class: 'words' }, title, body), buttonRow(frame, content.buttons, context)),
	);
	openOverlay(frame, card, spoken.name, `${spoken.title} ${spoken.body}`);
	return { close: frame.close, busy: () => false };
};
