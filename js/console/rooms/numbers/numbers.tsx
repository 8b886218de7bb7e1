/** What each campaign did: counted totals, the treated beside the control, with the edge's intervals. No verdicts beyond those. */
import { useSignal } from '@preact/signals';
import { hrefTo } from '../../app/route.ts';
import { api, siteId } from '../../app/session.ts';
import { Shown, useAsked } from '../../ui/load.tsx';
import { decimal, moment, number, share, signed, t } from '../../words/index.ts';
import { nameOf } from '../campaigns/actions.ts';
import { beginning, group, reading, SPANS, type Group, type Line, type Span } from './fold.ts';

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

function Figures({ one }: { one: Group }) {
	const [current, ...older] = one.phases;
	return (
		<section class="figures">
			<h2>
				<a href={hrefTo('campaigns', one.id)}>{nameOf(one.id)}</a>
			</h2>
			{current === undefined ? null : <Table lines={current.lines} label={nameOf(one.id)} />}
			{older.length === 0 ? null : (
				<details>
					<summary>{t('older_phases', { n: older.length })}</summary>
					<p class="fine">{t('older_phases_about')}</p>
					{older.map((phase) => (
						<Table key={phase.phase} lines={phase.lines} label={`${nameOf(one.id)} ${phase.phase}`} />
					))}
				</details>
			)}
		</section>
	);
}

function Table({ lines, label }: { lines: readonly Line[]; label: string }) {
	const best = Math.max(...lines.map((line) => (line.visitors > 0 ? line.converted / line.visitors : 0)));
	return (
		<div class="table-frame" tabIndex={0} role="region" aria-label={label}>
			<table class="numbers">
				<thead>
					<tr>
						<th scope="col">{t('numbers_arm')}</th>
						{(['visitors', 'shown', 'impressions', 'closed', 'clicked', 'converted'] as const).map((name) => (
							<th key={name} scope="col" class="num">
								{t(`numbers_${name}`)}
							</th>
						))}
						<th scope="col" class="num">
							{t('numbers_rate')}
						</th>
						<th scope="col" class="num">
							{t('numbers_lift')}
						</th>
						<th scope="col" class="num">
							{t('numbers_value')}
						</th>
						<th scope="col" class="num">
							{t('numbers_value_each')}
						</th>
					</tr>
				</thead>
				<tbody>
					{lines.map((line) => {
						const rate = line.visitors > 0 ? line.converted / line.visitors : 0;
						return (
							<tr key={line.control ? 'control' : `v${line.variant}`} class={line.control ? 'control' : ''}>
								<th scope="row">{line.control ? t('control') : t('variant', { name: line.variant })}</th>
								<td class="num">{number(line.visitors)}</td>
								<td class="num">{number(line.shown)}</td>
								<td class="num">{line.control ? '–' : number(line.impressions)}</td>
								<td class="num">{line.control ? '–' : number(line.closed)}</td>
								<td class="num">{line.control ? '–' : number(line.clicked)}</td>
								<td class="num">{number(line.converted)}</td>
								<td class="num rate">
									{share(line.converted, line.visitors)}
									{line.rate === null ? null : (
										<span class="interval">
											{t('numbers_interval', { low: share(line.rate.low, 1), high: share(line.rate.high, 1) })}
										</span>
									)}
									<span class="bar" aria-hidden="true">
										<span style={{ width: `${best > 0 ? (rate / best) * 100 : 0}%` }} />
									</span>
								</td>
								<td class="num lift">{line.control ? '–' : <Lift line={line} />}</td>
								<td class="num">{decimal(line.value)}</td>
								<td class="num">{line.visitors > 0 ? decimal(line.value / line.visitors) : '–'}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
		</div>
	);
}

function Lift({ line: { lift } }: { line: Line }) {
	return (
		<>
			{lift === null ? null : (
				<>
					{signed(lift.value)}
					<span class="interval">{t('numbers_interval', { low: signed(lift.low), high: signed(lift.high) })}</span>
				</>
			)}
			<span class="reading">{t(`lift_${reading(lift)}`)}</span>
		</>
	);
}
