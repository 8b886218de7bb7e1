import { h } from '../../shared/dom.ts';
import type { CloseReason, Slot, WidgetContext, WidgetHandle } from '../../shared/widget.ts';

/** What a widget in a slot adds to the shared looks: the host stands in the flow of the page, as high as was said. */
export const slotStyles = `
:host{position:static!important;display:block!important;height:var(--noren-slot)!important;z-index:auto!important}
.n,.in{height:100%}
.in{display:flex;align-items:center;gap:.7em 1.2em;overflow:auto;padding-block:.9em;padding-inline:1.2em 3.2em;box-shadow:none;animation:none}
.in .x{position:absolute;inset-block-start:2px;inset-inline-end:2px;z-index:1}
.in .acts{flex:0 1 auto}
`;

/**
 * Stands a widget in the page: `open` runs once the host is in its place. The page is measured with a probe first, between two frames:
 *
 * - the place keeps enough room, so that nothing moves: at once;
 * - it does not, and lies below the screen, where a change moves nothing that is seen: at once;
 * - else as soon as it lies below the screen. What a visitor is reading is never pushed away.
 *
 * Throws where the page has no such place: the agent then counts the widget as not shown and goes on.
 */
export function openInSlot(
	root: ShadowRoot,
	slot: Slot,
	context: WidgetContext,
	open: () => WidgetHandle,
): WidgetHandle {
	const place = document.querySelector(slot.at);
	if (!place) throw new Error(`no place ${slot.at}`);
	const height = `${slot.height}px`;
	const host = root.host as HTMLElement;
	host.style.setProperty('--noren-slot', height);

	const fits = (): boolean => {
		const probe = h('div');
		for (const [name, value] of [
			['all', 'initial'],
			['display', 'block'],
			['height', height],
		] as const)
			probe.style.setProperty(name, value, 'important');
		const before = place.getBoundingClientRect();
		place.append(probe);
		const after = place.getBoundingClientRect();
		probe.remove();
		return before.top >= innerHeight || (before.height === after.height && before.width === after.width);
	};

	let inside: WidgetHandle | undefined;
	let over = false;
	const enter = (): void => {
		place.append(host);
		inside = open();
	};
	let watch: IntersectionObserver | undefined;
	if (fits()) enter();
	else {
		watch = new IntersectionObserver(() => {
			if (over || inside || !fits()) return;
			watch?.disconnect();
			enter();
		});
		watch.observe(place);
	}
	return {
		close(reason: CloseReason) {
			if (inside) return inside.close(reason);
			if (over) return;
			over = true;
			watch?.disconnect();
			context.closed(reason);
		},
		busy: () => inside?.busy() ?? false,
	};
}
