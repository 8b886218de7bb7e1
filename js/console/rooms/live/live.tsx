/** Visitors on the site now. */
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { hrefTo } from '../../app/route.ts';
import { clockAhead } from '../../app/session.ts';
import { ago, lasting, number, t } from '../../words/index.ts';
import { eventWord } from '../../words/events.ts';
import { count, pathOf, visitors, ROWS_MAX } from './presence.ts';
import { lineState, shards } from './store.ts';

/** The edge's time, a second at a time, for everything that counts up on screen. */
export const now = signal(Date.now());

/** Tick while the component is there. */
export function useNow(): number {
	useEffect(() => {
		const tick = () => {
			now.value = Date.now() + clockAhead.peek();
		};
		tick();
		const timer = setInterval(tick, 1_000);
		return () => clearInterval(timer);
	}, []);
	return now.value;
}

export function LiveRoom() {
	const at = useNow();
	const rows = visitors(shards.value);
	const total = count(shards.value);
	const state = lineState.value;
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_live')}</h1>
				<LineNote />
			</header>
			<p class="figure" role="status">
				<strong>{number(total)}</strong> {t('live_count', { n: total })}
			</p>
			{total === 0 && state === 'open' ? (
				<section class="empty">
					<h2>{t('live_empty')}</h2>
					<p>{t('live_empty_next')}</p>
				</section>
			) : null}
			{rows.length === 0 ? null : (
				<div class="table-frame" tabIndex={0} role="region" aria-label={t('room_live')}>
					<table class="stack">
						<thead>
							<tr>
								<th scope="col">{t('live_page')}</th>
								<th scope="col">{t('live_last')}</th>
								<th scope="col">{t('live_since')}</th>
								<th scope="col" class="num">
									{t('live_visits')}
								</th>
								<th scope="col" class="num">
									{t('live_purchases')}
								</th>
								<th scope="col">{t('live_visitor')}</th>
							</tr>
						</thead>
						<tbody>
							{rows.map((one) => (
								<tr key={one.device}>
									<td data-label={t('live_page')} class="page">
										<span class="title">{one.title || pathOf(one.page)}</span>
										<span class="fine path">{pathOf(one.page)}</span>
									</td>
									<td data-label={t('live_last')}>
										{eventWord(one.last_event)} <span class="fine">{ago(one.at, at)}</span>
									</td>
									<td data-label={t('live_since')} class="steady">
										{lasting(at - one.since)}
									</td>
									<td data-label={t('live_visits')} class="num">
										{number(one.visits)}
									</td>
									<td data-label={t('live_purchases')} class="num">
										{number(one.purchases)}
									</td>
									<td data-label={t('live_visitor')}>
										<code class="fine" title={one.device}>
											{one.device.slice(0, 6)}
										</code>{' '}
										{one.conversation ? <a href={hrefTo('chat', one.conversation)}>{t('open_chat')}</a> : null}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{total > rows.length && rows.length > 0 ? (
				<p class="fine">{t('live_more', { n: total - rows.length, max: ROWS_MAX })}</p>
			) : null}
		</>
	);
}

/** Whether what is on screen is what is. */
export function LineNote() {
	const state = lineState.value;
	const good = state === 'open';
	return (
		<span class={good ? 'line good' : 'line'} role="status">
			<span class="dot" aria-hidden="true" />
			{good ? t('line_open') : state === 'connecting' ? t('line_connecting') : t('line_waiting')}
		</span>
	);
}
