/**
 * Puts `text` on the clipboard. Pages without a secure context have no clipboard interface; there a field inside `scope` (which must
 * not be inert) is selected and copied the old way. Resolves to whether it worked.
 */
export async function copyText(text: string, scope: HTMLElement): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const field = document.createElement('textarea');
		field.className = 'sr';
		field.readOnly = true;
		field.value = text;
		const root = scope.getRootNode() as ShadowRoot;
		const focused = root.activeElement;
		scope.append(field);
		field.select();
		const copied = document.execCommand('copy');
		field.remove();
		if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
		return copied;
	}
}
