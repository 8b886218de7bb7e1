/** The site's keys: the public one, those of its servers and applications; made, shown once, revoked. */
import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { ApiError } from '../../api/http.ts';
import type { Key, NewKey } from '../../api/types.ts';
import { api, asApiError, siteId } from '../../app/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Shown, useAsked } from '../../ui/load.tsx';
import { say } from '../../ui/toast.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { moment, t } from '../../words/index.ts';

/** What a server key may do, in the order the edge lists it. */
const SCOPES = ['events', 'campaigns', 'coupons', 'people', 'numbers', 'sensitive'] as const;

export function KeysRoom() {
	const loaded = useAsked(() => api.keys(siteId.value), siteId.value);
	const making = useSignal(false);
	const made = useSignal<NewKey | undefined>(undefined);
	const revoking = useSignal<Key | undefined>(undefined);
	const failed = useSignal<ApiError | undefined>(undefined);

	const revoke = async (key: Key) => {
		revoking.value = undefined;
		try {
			await api.revokeKey(siteId.value, key.id);
			failed.value = undefined;
			say({ text: t('did_revoke_key', { name: key.name }) });
		} catch (cause) {
			failed.value = asApiError(cause);
		}
		loaded.reload();
	};

	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_keys')}</h1>
				<button type="button" class="primary" onClick={() => (making.value = true)}>
					{t('new_key')}
				</button>
			</header>
			<p>{t('keys_about')}</p>
			{failed.value === undefined ? null : <Trouble error={failed.value} />}
			<Shown loaded={loaded}>
				{(list) => (
					<ul class="cards">
						<li class="card">
							<div class="card-main">
								<h2>{t('key_public')}</h2>
								<p>
									<code>{list.public}</code>
								</p>
								<p class="fine">{t('key_public_about')}</p>
							</div>
						</li>
						{list.keys.map((key) => (
							<li key={key.id} class="card">
								<div class="card-main">
									<h2>
										{key.name}
										<span class="badge">{t(key.kind === 'server' ? 'key_server' : 'key_write')}</span>
									</h2>
									{key.scopes.length === 0 ? null : (
										<p>{key.scopes.map((scope) => scopeWord(scope)).join(t('list_comma'))}</p>
									)}
									<p class="fine">
										{t('version_by', { at: moment(key.at), by: key.by })} · <code>{key.id}</code>
									</p>
								</div>
								<div class="card-actions">
									<button
										type="button"
										class="quiet"
										aria-label={t('of', { what: t('revoke_key'), name: key.name })}
										onClick={() => (revoking.value = key)}
									>
										{t('revoke_key')}
									</button>
								</div>
							</li>
						))}
					</ul>
				)}
			</Shown>
			{making.value ? (
				<Make
					onClose={() => (making.value = false)}
					onMade={(key) => {
						making.value = false;
						made.value = key;
						loaded.reload();
					}}
				/>
			) : null}
			{made.value === undefined ? null : <Once made={made.value} onClose={() => (made.value = undefined)} />}
			{revoking.value === undefined ? null : (
				<Dialog
					title={t('revoke_key_title', { name: revoking.value.name })}
					onClose={() => (revoking.value = undefined)}
					actions={
						<>
							<button type="button" onClick={() => (revoking.value = undefined)}>
								{t('cancel')}
							</button>
							<button type="button" class="danger" onClick={() => revoking.value && void revoke(revoking.value)}>
								{t('revoke_key')}
							</button>
						</>
					}
				>
					<p>{t('revoke_key_about')}</p>
				</Dialog>
			)}
		</>
	);
}

function scopeWord(scope: string): string {
	const known = SCOPES.find((one) => one === scope);
	return known === undefined ? scope : t(`scope_${known}`);
}

/** What the new key is for. */
function Make({ onClose, onMade }: { onClose: () => void; onMade: (key: NewKey) => void }) {
	const [name, kind] = [useId(), useId()];
	const named = useSignal('');
	const server = useSignal(true);
	const scopes = useSignal<readonly string[]>(['events']);
	const failed = useSignal<ApiError | undefined>(undefined);
	const busy = useSignal(false);
	const make = async () => {
		if (busy.value) return;
		busy.value = true;
		try {
			onMade(
				await api.createKey(siteId.value, {
					name: named.value,
					kind: server.value ? 'server' : 'write',
					scopes: server.value ? [...scopes.value] : [],
				}),
			);
		} catch (cause) {
			failed.value = asApiError(cause);
			busy.value = false;
		}
	};
	const wrong = (path: string) => failed.value?.path.startsWith(path) === true;
	return (
		<Dialog
			title={t('new_key')}
			onClose={onClose}
			actions={
				<>
					<button type="button" onClick={onClose}>
						{t('cancel')}
					</button>
					<button type="submit" form={`${name}f`} class="primary" disabled={busy.value}>
						{t('make_key')}
					</button>
				</>
			}
		>
			<form
				id={`${name}f`}
				class="form-part"
				onSubmit={(event) => {
					event.preventDefault();
					void make();
				}}
			>
				{failed.value === undefined ? null : <Trouble error={failed.value} />}
				<p class="field">
					<label for={name}>{t('key_name')}</label>
					<input
						id={name}
						type="text"
						required
						maxLength={100}
						autocomplete="off"
						value={named.value}
						aria-invalid={wrong('name')}
						onInput={(event) => (named.value = event.currentTarget.value)}
					/>
				</p>
				<fieldset>
					<legend>{t('key_kind')}</legend>
					{([true, false] as const).map((one) => (
						<p key={String(one)}>
							<label>
								<input type="radio" name={kind} checked={server.value === one} onChange={() => (server.value = one)} />{' '}
								{t(one ? 'key_server' : 'key_write')}
								<span class="fine"> {t(one ? 'key_server_about' : 'key_write_about')}</span>
							</label>
						</p>
					))}
				</fieldset>
				{server.value ? (
					<fieldset aria-invalid={wrong('scopes')}>
						<legend>{t('key_scopes')}</legend>
						{SCOPES.map((scope) => (
							<p key={scope}>
								<label>
									<input
										type="checkbox"
										checked={scopes.value.includes(scope)}
										onChange={(event) => {
											const others = scopes.value.filter((one) => one !== scope);
											scopes.value = event.currentTarget.checked ? [...others, scope] : others;
										}}
									/>{' '}
									{t(`scope_${scope}`)}
								</label>
							</p>
						))}
					</fieldset>
				) : null}
			</form>
		</Dialog>
	);
}

/** The key, this one time. */
function Once({ made, onClose }: { made: NewKey; onClose: () => void }) {
	const field = useRef<HTMLInputElement>(null);
	const label = useId();
	const copy = async () => {
		field.current?.select();
		try {
			await navigator.clipboard.writeText(made.secret);
			say({ text: t('did_copy_key') });
		} catch {
			// The text stands selected: the keyboard copies it.
		}
	};
	return (
		<Dialog
			title={t('key_once_title', { name: made.key.name })}
			onClose={onClose}
			actions={
				<>
					<button type="button" onClick={() => void copy()}>
						{t('copy_key')}
					</button>
					<button type="button" class="primary" onClick={onClose}>
						{t('key_kept')}
					</button>
				</>
			}
		>
			<p id={label}>{t('key_once_about')}</p>
			<p class="field">
				<input
					ref={field}
					type="text"
					readOnly
					aria-labelledby={label}
					class="secret"
					value={made.secret}
					onFocus={(event) => event.currentTarget.select()}
				/>
			</p>
		</Dialog>
	);
}
