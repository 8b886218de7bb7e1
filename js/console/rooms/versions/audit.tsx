/** Who did what. Nothing here can be changed. */
import { api, siteId } from '../../app/session.ts';
import { Shown, useAsked } from '../../ui/load.tsx';
import { moment, t } from '../../words/index.ts';
import { isWord } from '../../words/en.ts';

export function AuditRoom() {
	const loaded = useAsked(() => api.audit(siteId.value), siteId.value);
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_audit')}</h1>
				<button type="button" class="quiet" onClick={loaded.reload}>
					{t('refresh')}
				</button>
			</header>
			<Shown loaded={loaded}>
				{(entries) =>
					entries.length === 0 ? (
						<section class="empty">
							<h2>{t('audit_empty')}</h2>
							<p>{t('audit_empty_next')}</p>
						</section>
					) : (
						<div class="table-frame" tabIndex={0} role="region" aria-label={t('room_audit')}>
							<table class="stack">
								<thead>
									<tr>
										<th scope="col">{t('audit_when')}</th>
										<th scope="col">{t('audit_who')}</th>
										<th scope="col">{t('audit_action')}</th>
										<th scope="col">{t('audit_what')}</th>
									</tr>
								</thead>
								<tbody>
									{entries.map((one, index) => (
										<tr key={index}>
											<td data-label={t('audit_when')}>{moment(one.at)}</td>
											<td data-label={t('audit_who')}>{one.by}</td>
											<td data-label={t('audit_action')}>{actionWord(one.action)}</td>
											<td data-label={t('audit_what')} class="what">
												{one.what}
											</td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					)
				}
			</Shown>
		</>
	);
}

function actionWord(action: string): string {
	const word = `audit_${action.replaceAll('.', '_').replaceAll(' ', '_')}`;
	return isWord(word) ? t(word) : action;
}
