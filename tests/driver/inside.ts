/**
 * What the drivers of Firefox and WebKit run inside of a page to see it as assistive technology would: roles and names of the accessible
 * name specification, computed from the tree that the engine made and styled, open shadow trees included. Chromium is asked for its own
 * accessibility tree instead; these engines do not hand theirs out to a driver.
 */
import { computeAccessibleName, getRole, isDisabled } from 'dom-accessibility-api';
import type { AccessibleNode } from './driver.ts';

/** By selector, or by role and name; `name` is the whole name unless `flags` says that it is an expression. */
export interface Wanted {
	readonly selector?: string;
	readonly role?: string;
	readonly name?: string;
	readonly flags?: string;
}

export interface Found {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	readonly text: string;
	readonly disabled: boolean;
}

/** What is done to the element before it is measured. */
export type Deed = 'look' | 'reveal' | 'focus';

const within = (element: Element): Iterable<Element> => {
	if (element.shadowRoot !== null) return element.shadowRoot.children;
	if (element instanceof HTMLSlotElement && element.assignedElements().length > 0) return element.assignedElements();
	return element.children;
};

/** Elements in reading order, without those that nobody is told of. */
function* exposed(element: Element): Generator<Element> {
	const style = getComputedStyle(element);
	if (style.display === 'none' || element.getAttribute('aria-hidden') === 'true' || element.hasAttribute('inert'))
		return;
	if (style.visibility === 'visible' && element.checkVisibility()) yield element;
	for (const inner of within(element)) yield* exposed(inner);
}

/** While a modal dialog is open, nothing but the latest one exists. */
function perceived(): Element[] {
	const all = [...exposed(document.documentElement)];
	const modal = all.findLast((element) => element.matches('dialog:modal'));
	return modal === undefined ? all : [...exposed(modal)];
}

function roleOf(element: Element): string | null {
	const role = getRole(element);
	return role === 'none' || role === 'presentation' ? null : role;
}

function find({ selector, role, name, flags }: Wanted): Element | null | undefined {
	if (selector !== undefined) return document.querySelector(selector);
	const fits = (found: string) =>
		name === undefined || (flags === undefined ? found === name : new RegExp(name, flags).test(found));
	return perceived().find((element) => roleOf(element) === role && fits(computeAccessibleName(element)));
}

function focused(): Element | null {
	let active = document.activeElement;
	while (active?.shadowRoot?.activeElement != null) active = active.shadowRoot.activeElement;
	return active;
}

/** The first element that fits, measured after the deed; `null` when there is none, or none that can be seen. */
export function meet(wanted: Wanted, deed: Deed): Found | null {
	const element = find(wanted);
	if (!element) return null;
	if (deed === 'focus') (element as HTMLElement).focus();
	let box = element.getBoundingClientRect();
	const inView = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
	if (deed === 'reveal' && !inView) {
		element.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
		box = element.getBoundingClientRect();
	}
	const text = (element as HTMLElement).innerText ?? element.textContent ?? '';
	return { x: box.x, y: box.y, width: box.width, height: box.height, text, disabled: isDisabled(element) };
}

/** Everything that has a role. */
export function tree(): AccessibleNode[] {
	const active = focused();
	return perceived().flatMap((element) => {
		const role = roleOf(element);
		if (role === null) return [];
		const { value } = element as HTMLInputElement;
		return [
			{
				role,
				name: computeAccessibleName(element),
				value: typeof value === 'string' ? value : undefined,
				focused: element === active,
				modal: element.matches('dialog:modal'),
			},
		];
	});
}
