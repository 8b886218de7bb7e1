/** Traits that the site keeps apart. Unlike the rest of this room it is no draft: it holds as soon as it is saved. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ApiError } from '../../api/http.ts';
import { api, asApiError, siteId } from '../../app/session.ts';
import { Shown, useAsked } from '../../ui/load.tsx';
import { say } from '../../ui/toast.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { t } from '../../words/index.ts';
import { namesIn } from './form.ts';

export function Sensitive() {
	const loaded = useAsked(() => api.site(siteId.value), siteId.value);
	const head = useId();
	return (
		<section class="form-part" aria-labelledby={head}>
			<h2 id={head}>{t('sensitive_head')}</h2>
			<p>{t('sensitive_about')}</p>
			<Shown loaded={loaded}>{(site) => <Names key={siteId.value} names={site.sensitive} />}</Shown>
		</section>
	);
}

function Names({ names }: { names: readonly string[] }) {
	const field = useId();
	const text = useSignal(names.join('\n'));
	const failed = useSignal<ApiError | undefined>(undefined);
	const busy = useSignal(false);
	const save = async () => {
		if (busy.value) return;
		busy.value = true;
		try {
			const site = await api.settle(siteId.value, { sensitive: namesIn(text.value) });
			text.value = site.sensitive.join('\n');
			failed.value = undefined;
			say({ text: t('did_settle_sensitive') });
		} catch (cause) {
			failed.value = asApiError(cause);
		}
		busy.value = false;
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			{failed.value === undefined ? null : <Trouble error={failed.value} />}
			<p class="field">
				<label for={field}>{t('sensitive_names')}</label>
				<textarea
					id={field}
					rows={4}
					spellcheck={false}
					value={text.value}
					aria-invalid={failed.value?.path.startsWith('sensitive') === true}
					onInput={(event) => (text.value = event.currentTarget.value)}
				/>
			</p>
			<p>
				<button type="submit" disabled={busy.value}>
					{t('settle_sensitive')}
				</button>
			</p>
		</form>
	);
}
