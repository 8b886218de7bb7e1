/** A modal question. The element is the platform's own: focus stays in, Esc leaves, focus goes back to where it was. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../words/index.ts';

export interface DialogProps {
	readonly title: string;
	readonly children: ComponentChildren;
	/** Asked to leave: Esc, or the close button. */
	readonly onClose: () => void;
	readonly wide?: boolean;
	/** The buttons at the bottom. */
	readonly actions?: ComponentChildren;
}

export function Dialog({ title, children, onClose, wide, actions }: DialogProps) {
	const element = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useEffect(() => {
		const dialog = element.current;
		if (dialog === null) return;
		const before = document.activeElement;
		dialog.showModal();
		return () => {
			dialog.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	return (
		<dialog
			ref={element}
			class={wide ? 'dialog wide' : 'dialog'}
			aria-labelledby={heading}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
		>
			<header>
				<h2 id={heading}>{title}</h2>
				<button type="button" class="icon" aria-label={t('close')} onClick={onClose}>
					<span aria-hidden="true">×</span>
				</button>
			</header>
			<div class="body">{children}</div>
			{actions === undefined ? null : <footer>{actions}</footer>}
		</dialog>
	);
}
