/** What this person chose for this browser: language and light or dark. Kept on the device, never sent. */
import { effect, signal } from '@preact/signals';
import { LANGUAGES, preferred, type Language } from '../words/language.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'noren.console.prefs';

function kept(): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
		return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

const stored = kept();

export const language = signal<Language>(
	LANGUAGES.find((one) => one === stored['language']) ?? preferred(navigator.languages),
);
export const theme = signal<Theme>(THEMES.find((one) => one === stored['theme']) ?? 'auto');

/** Apply the choices to the document, now and whenever they change. */
export function applyPrefs(): void {
	effect(() => {
		const root = document.documentElement;
		root.lang = language.value;
		if (theme.value === 'auto') delete root.dataset['theme'];
		else root.dataset['theme'] = theme.value;
		try {
			localStorage.setItem(KEY, JSON.stringify({ language: language.value, theme: theme.value }));
		} catch {
			// Private windows without storage: the choice then lasts as long as the page.
		}
	});
}
