/** Short notes at the edge of the screen, each with at most one thing to do: usually "undo". */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words/index.ts';

/** Long enough to read and to reach by keyboard; stopped while pointed at or focused. */
const STAYS_MS = 9_000;

export interface Toast {
	readonly text: string;
	readonly action?: { readonly label: string; readonly run: () => void };
}

const current = signal<(Toast & { readonly number: number }) | undefined>(undefined);
let count = 0;

/** Say something; what was said before makes room. */
export function say(toast: Toast): void {
	count += 1;
	current.value = { ...toast, number: count };
}

export function hush(): void {
	current.value = undefined;
}

export function Toasts() {
	const toast = current.value;
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toast === undefined ? null : <One key={toast.number} toast={toast} />}
		</div>
	);
}

function One({ toast }: { toast: Toast }) {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const start = () => {
		clearTimeout(timer.current);
		timer.current = setTimeout(hush, STAYS_MS);
	};
	const stop = () => clearTimeout(timer.current);
	useEffect(() => {
		start();
		return stop;
	}, []);
	return (
		<div class="toast" onMouseEnter={stop} onMouseLeave={start} onFocusIn={stop} onFocusOut={start}>
			<span>{toast.text}</span>
			{toast.action === undefined ? null : (
				<button
					type="button"
					class="link"
					onClick={() => {
						toast.action?.run();
						hush();
					}}
				>
					{toast.action.label}
				</button>
			)}
			<button type="button" class="icon" aria-label={t('close')} onClick={hush}>
				<span aria-hidden="true">×</span>
			</button>
		</div>
	);
}
