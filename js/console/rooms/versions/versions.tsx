/** Everything that was ever published, and the way back to it. */
import { useSignal } from '@preact/signals';
import type { Version } from '../../api/types.ts';
import { api, siteId } from '../../app/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Shown, useAsked } from '../../ui/load.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import type { ApiError } from '../../api/http.ts';
import { moment, t } from '../../words/index.ts';
import { nameOf } from '../campaigns/actions.ts';
import { rollBack } from '../campaigns/publish.tsx';
import { liveVersion, pending } from '../campaigns/store.ts';

export function VersionsRoom() {
	// A publish from anywhere makes a new version: the live version is part of the question.
	const loaded = useAsked(() => api.versions(siteId.value), `${siteId.value} ${liveVersion.value}`);
	const asking = useSignal<Version | undefined>(undefined);
	const failed = useSignal<ApiError | undefined>(undefined);
	const back = async (version: number) => {
		asking.value = undefined;
		failed.value = await rollBack(version);
		loaded.reload();
	};
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_versions')}</h1>
			</header>
			{failed.value === undefined ? null : <Trouble error={failed.value} />}
			<Shown loaded={loaded}>
				{(versions) =>
					versions.length === 0 ? (
						<section class="empty">
							<h2>{t('versions_empty')}</h2>
							<p>{t('versions_empty_next')}</p>
						</section>
					) : (
						<ol class="cards" reversed>
							{versions.map((one) => {
								const live = one.version === liveVersion.value;
								return (
									<li key={one.version} class="card">
										<div class="card-main">
											<h2>
												{t('version', { n: one.version })}
												{live ? <span class="badge status-live">{t('version_live')}</span> : null}
											</h2>
											{one.note === '' ? null : <p class="sentence">{one.note}</p>}
											<p class="fine">
												{t('version_by', { at: moment(one.at), by: one.by })}
												{' · '}
												{one.campaigns.length === 0 ? t('version_none') : one.campaigns.join(', ')}
											</p>
										</div>
										{live ? null : (
											<div class="card-actions">
												<button
													type="button"
													class="quiet"
													aria-label={t('of', { what: t('roll_back_to'), name: t('version', { n: one.version }) })}
													onClick={() => (asking.value = one)}
												>
													{t('roll_back_to')}
												</button>
											</div>
										)}
									</li>
								);
							})}
						</ol>
					)
				}
			</Shown>
			{asking.value === undefined ? null : (
				<Dialog
					title={t('roll_back_title', { n: asking.value.version })}
					onClose={() => (asking.value = undefined)}
					actions={
						<>
							<button type="button" onClick={() => (asking.value = undefined)}>
								{t('cancel')}
							</button>
							<button type="button" class="primary" onClick={() => void back(asking.value?.version ?? 0)}>
								{t('roll_back_to')}
							</button>
						</>
					}
				>
					<p>{t('roll_back_about', { n: asking.value.version, now: liveVersion.value })}</p>
					{asking.value.campaigns.length === 0 ? null : (
						<ul>
							{asking.value.campaigns.map((id) => (
								<li key={id}>{nameOf(id)}</li>
							))}
						</ul>
					)}
					{pending.value.length === 0 ? null : (
						<p class="state warn">{t('roll_back_drafts', { n: pending.value.length })}</p>
					)}
				</Dialog>
			)}
		</>
	);
}
