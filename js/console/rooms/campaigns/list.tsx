/** All campaigns: name, status, sentence, and whether what is here is what is live. */
import { useSignal } from '@preact/signals';
import { hrefTo } from '../../app/route.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Waiting } from '../../ui/load.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { moment, t, textOf } from '../../words/index.ts';
import { copyCampaign, deleteCampaign, discardDraft, nameOf, newCampaign, pauseOrResume } from './actions.ts';
import { failure, loading, refresh, sentenceOf, space } from './store.ts';
import { TEMPLATES } from './templates.ts';
import { items, type Item } from './workspace.ts';

export function CampaignList() {
	const choosing = useSignal(false);
	const list = items(space.value);
	const first = list.length === 0 && loading.value;
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_campaigns')}</h1>
				<button type="button" onClick={() => (choosing.value = true)}>
					{t('new_campaign')}
				</button>
			</header>
			{failure.value === undefined ? null : <Trouble error={failure.value} onRetry={() => void refresh()} />}
			{first ? <Waiting /> : null}
			{list.length === 0 && !loading.value && failure.value === undefined ? (
				<section class="empty">
					<h2>{t('campaigns_empty')}</h2>
					<p>{t('campaigns_empty_next')}</p>
					<Templates />
				</section>
			) : (
				<ul class="cards" aria-label={t('room_campaigns')}>
					{list.map((one) => (
						<Row key={one.key} one={one} />
					))}
				</ul>
			)}
			{choosing.value ? (
				<Dialog title={t('new_campaign')} wide onClose={() => (choosing.value = false)}>
					<p>{t('new_campaign_about')}</p>
					<Templates />
				</Dialog>
			) : null}
		</>
	);
}

function Templates() {
	return (
		<ul class="templates">
			{TEMPLATES.map((template) => (
				<li key={template.name}>
					<button type="button" class="template" onClick={() => newCampaign(template.document)}>
						<strong>{t(template.name)}</strong>
						<span>{t(template.about)}</span>
					</button>
				</li>
			))}
		</ul>
	);
}

function Row({ one }: { one: Item }) {
	const name = nameOf(one.key);
	const gone = one.change === 'removed';
	return (
		<li class={gone ? 'card gone' : 'card'}>
			<div class="card-main">
				<h2>
					{gone ? <s>{name}</s> : <a href={hrefTo('campaigns', one.key)}>{name}</a>}
					{isOver(one) ? null : <Status status={one.status} />}
					<ChangeMark one={one} />
				</h2>
				<p class="sentence">{textOf(sentenceOf(one.key)) || t('no_sentence')}</p>
				<Over one={one} />
				<p class="fine">
					<code>{one.id}</code>
				</p>
			</div>
			<div class="card-actions">
				{gone ? (
					<button type="button" onClick={() => discardDraft(one.key)}>
						{t('keep_it')}
					</button>
				) : (
					<>
						<button
							type="button"
							class="quiet"
							aria-label={t('of', { what: pauseWord(one), name })}
							onClick={() => pauseOrResume(one.key)}
						>
							{pauseWord(one)}
						</button>
						<button
							type="button"
							class="quiet"
							aria-label={t('of', { what: t('duplicate'), name })}
							onClick={() => copyCampaign(one.key)}
						>
							{t('duplicate')}
						</button>
						<button
							type="button"
							class="quiet danger"
							aria-label={t('of', { what: t('delete'), name })}
							onClick={() => deleteCampaign(one.key)}
						>
							{t('delete')}
						</button>
					</>
				)}
			</div>
		</li>
	);
}

export function pauseWord(one: Item): string {
	return one.status === 'paused' ? t('resume') : t('pause');
}

export function Status({ status }: { status: string }) {
	const word =
		status === 'live'
			? t('status_live')
			: status === 'paused'
				? t('status_paused')
				: status === 'draft'
					? t('status_draft')
					: status;
	return <span class={`badge status-${status === 'live' || status === 'paused' ? status : 'other'}`}>{word}</span>;
}

/** Whether its own rule has ended it: then "live" would be a word for something that nobody sees. */
export function isOver(one: Item): boolean {
	return one.live?.stopped != null && one.status === one.live.status;
}

/** That the campaign as it is live is over, by its own rule, and since when. */
export function Over({ one }: { one: Item }) {
	const stopped = one.live?.stopped;
	if (!stopped) return null;
	const limit = stopped.limit ?? 0;
	const why =
		stopped.why === 'shows'
			? t('stopped_shows', { limit })
			: stopped.why === 'conversions'
				? t('stopped_conversions', { limit })
				: t('stopped_date');
	return (
		<p class="over">
			<strong class="badge">{why}</strong> {t('stopped_since', { at: moment(stopped.at) })}
			{stopped.total === null ? null : ` ${t('stopped_total', { total: stopped.total })}`}
		</p>
	);
}

export function ChangeMark({ one }: { one: Item }) {
	if (one.document === undefined && one.change === undefined && one.live === undefined) return null;
	if (one.conflict) return <span class="badge bad">{t('mark_conflict')}</span>;
	if (one.document === undefined) return <span class="badge bad">{t('mark_broken')}</span>;
	if (one.change === undefined) return null;
	return <span class="badge draft">{t(`mark_${one.change}`)}</span>;
}
