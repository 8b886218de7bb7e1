/** The door. A link brings the token with it; this page is for those who come without one, or with one that no longer opens. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ApiError } from '../api/http.ts';
import { Trouble } from '../ui/trouble.tsx';
import { t } from '../words/index.ts';
import { Mark, Prefs } from './app.tsx';
import { enter } from './session.ts';

export function SignIn({ error }: { error: ApiError | undefined }) {
	const token = useSignal('');
	const busy = useSignal(false);
	const field = useId();
	useSignalEffect(() => {
		document.title = `${t('sign_in')} · Noren`;
	});
	const submit = async (event: Event) => {
		event.preventDefault();
		// People paste the whole link as often as the token in it.
		const given = token.value.trim().replace(/^.*#token=/u, '');
		if (given === '' || busy.value) return;
		busy.value = true;
		await enter(given);
		busy.value = false;
	};
	return (
		<main class="door">
			<div class="door-card">
				<p class="brand">
					<Mark /> Noren
				</p>
				<h1>{t('sign_in')}</h1>
				{error === undefined ? null : (
					<Trouble error={error} onRetry={error.status === 0 ? () => void enter(undefined) : undefined} />
				)}
				<p>{t('sign_in_about')}</p>
				<form onSubmit={(event) => void submit(event)}>
					<label for={field}>{t('token')}</label>
					<input
						id={field}
						type="password"
						autocomplete="off"
						spellcheck={false}
						required
						value={token.value}
						onInput={(event) => (token.value = event.currentTarget.value)}
					/>
					<button type="submit" class="primary" disabled={busy.value}>
						{t('sign_in')}
					</button>
				</form>
				<p class="fine">{t('sign_in_where')}</p>
				<Prefs />
			</div>
		</main>
	);
}
