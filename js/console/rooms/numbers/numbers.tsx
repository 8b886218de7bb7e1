/** What each campaign did: counted totals, the treated beside the control, with the edge's intervals. No verdicts beyond those. */
import { useSignal } from '@preact/signals';
import type { Estimate, NumbersRow } from '../../api/types.ts';
import { hrefTo } from '../../app/route.ts';
import { api, siteId } from '../../app/session.ts';
import { Shown, useAsked } from '../../ui/load.tsx';
import { decimal, moment, number, percent, signed, t } from '../../words/index.ts';
import { nameOf } from '../campaigns/actions.ts';
import { space } from '../campaigns/store.ts';
import { record } from '../site/form.ts';
import { beginning, group, isControl, reading, SPANS, type Group, type Span } from './fold.ts';

/** How often the figures are asked for again while they are looked at. */
const EVERY_MS = 10_000;

export function NumbersRoom() {
	const span = useSignal<Span>('all');
	const loaded = useAsked(
		async () => ({ rows: await api.numbers(siteId.value, beginning(span.value, new Date())), at: Date.now() }),
		`${siteId.value} ${span.value}`,
		EVERY_MS,
	);
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_numbers')}</h1>
				<div class="segments" role="group" aria-label={t('numbers_span')}>
					{SPANS.map((one) => (
						<button key={one} type="button" aria-pressed={span.value === one} onClick={() => (span.value = one)}>
							{t(`span_${one}`)}
						</button>
					))}
				</div>
			</header>
			<Shown loaded={loaded}>
				{({ rows, at }) => {
					const groups = group(rows);
					return groups.length === 0 ? (
						<section class="empty">
							<h2>{t('numbers_empty')}</h2>
							<p>{t('numbers_empty_next')}</p>
						</section>
					) : (
						<>
							{groups.map((one) => (
								<Figures key={one.id} one={one} />
							))}
							<HeldOut />
							<p class="fine">
								{t('numbers_note')} {t('as_of', { at: moment(at) })}
							</p>
						</>
					);
				}}
			</Shown>
		</>
	);
}

/** Who is held out of everything reaches no campaign, so that no figure here is about them. */
function HeldOut() {
	const { share } = { share: undefined, ...record(space.value.site['holdout']) };
	return typeof share === 'number' && share > 0 ? (
		<p class="fine">{t('numbers_holdout', { share: decimal(share) })}</p>
	) : null;
}

function Figures({ one }: { one: Group }) {
	const name = nameOf(one.id);
	return (
		<section class="figures">
			<h2>
				<a href={hrefTo('campaigns', one.id)}>{name}</a>
			</h2>
			{one.phases.length > 1 ? <p class="fine">{t('phases_about', { n: one.phases.length })}</p> : null}
			{one.phases.map((phase) => {
				const label = t('phase', { name: phase.phase.toString(16).padStart(8, '0').slice(0, 4) });
				return (
					<div key={phase.phase} class="phase">
						{one.phases.length > 1 ? <h3>{label}</h3> : null}
						<Table rows={phase.rows} label={`${name} ${one.phases.length > 1 ? label : ''}`} />
					</div>
				);
			})}
		</section>
	);
}

function Table({ rows, label }: { rows: readonly NumbersRow[]; label: string }) {
	const highest = Math.max(0, ...rows.map((row) => row.rate?.high ?? 0));
	return (
		<div class="table-frame" tabIndex={0} role="region" aria-label={label}>
			<table class="numbers">
				<thead>
					<tr>
						<th scope="col">{t('numbers_arm')}</th>
						{(
							[
								'visitors',
								'converted',
								'rate',
								'lift',
								'value',
								'value_each',
								'shown',
								'impressions',
								'closed',
								'clicked',
							] as const
						).map((name) => (
							<th key={name} scope="col" class="num">
								{t(`numbers_${name}`)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => {
						const control = isControl(row);
						return (
							<tr key={control ? 'control' : `v${row.variant}`} class={control ? 'control' : ''}>
								<th scope="row">{control ? t('control') : t('variant', { name: row.variant })}</th>
								<td class="num">{number(row.visitors)}</td>
								<td class="num">{number(row.converted)}</td>
								<td class="num">
									<Between estimate={row.rate} show={percent} />
									{row.rate === null ? null : <Band estimate={row.rate} highest={highest} />}
								</td>
								<td class="num">
									<Between estimate={row.lift} show={signed} />
									{control ? null : <span class="reading">{t(`lift_${reading(row.lift)}`)}</span>}
								</td>
								<td class="num">{decimal(row.value)}</td>
								<td class="num">{row.visitors > 0 ? decimal(row.value / row.visitors) : '–'}</td>
								<td class="num">{number(row.shown)}</td>
								<td class="num">{control ? '–' : number(row.impressions)}</td>
								<td class="num">{control ? '–' : number(row.closed)}</td>
								<td class="num">{control ? '–' : number(row.clicked)}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
		</div>
	);
}

/** A figure never stands without the interval it is to be read with. */
function Between({ estimate, show }: { estimate: Estimate | null; show: (value: number) => string }) {
	if (estimate === null) return <>–</>;
	return (
		<>
			{show(estimate.value)}
			<span class="interval">{t('numbers_interval', { low: show(estimate.low), high: show(estimate.high) })}</span>
		</>
	);
}

/** The same as a picture: a band from low to high with the figure in it, all rows on one scale from zero. */
function Band({ estimate, highest }: { estimate: Estimate; highest: number }) {
	const at = (value: number) => `${highest > 0 ? (value / highest) * 100 : 0}%`;
	return (
		<span class="band" aria-hidden="true">
			<span class="reach" style={{ left: at(estimate.low), width: at(estimate.high - estimate.low) }} />
			<span class="point" style={{ left: at(estimate.value) }} />
		</span>
	);
}
