/** Coupon pools: what is left of each, who may have how much, adding codes, closing, taking a list away. */
import { useSignal } from '@preact/signals';
import type { ApiError } from '../../api/http.ts';
import type { PoolAnswer, PoolCode } from '../../api/types.ts';
import { api, asApiError, siteId } from '../../app/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Shown, useAsked } from '../../ui/load.tsx';
import { say } from '../../ui/toast.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { moment, number, t } from '../../words/index.ts';
import { toCsv } from './codes.ts';
import { FillDialog } from './fill.tsx';

/** Stock moves while it is looked at. */
const EVERY_MS = 10_000;

export function CouponsRoom() {
	const loaded = useAsked(() => api.pools(siteId.value), siteId.value, EVERY_MS);
	/** The pool that codes are added to; empty for a new one. */
	const filling = useSignal<PoolAnswer | 'new' | undefined>(undefined);
	const closing = useSignal<PoolAnswer | undefined>(undefined);
	const failed = useSignal<ApiError | undefined>(undefined);

	const attempt = async (work: () => Promise<void>) => {
		try {
			await work();
			failed.value = undefined;
		} catch (cause) {
			failed.value = asApiError(cause);
		}
		loaded.reload();
	};
	const settle = (pool: PoolAnswer, closed: boolean) => {
		closing.value = undefined;
		return attempt(async () => {
			await api.fillPool(siteId.value, pool.pool, { codes: [], closed });
			say({ text: t(closed ? 'did_close_pool' : 'did_open_pool', { name: pool.pool }) });
		});
	};
	const download = (pool: PoolAnswer) =>
		attempt(async () => {
			const codes: PoolCode[] = [];
			for (let after = ''; ;) {
				const page = await api.poolCodes(siteId.value, pool.pool, after);
				codes.push(...page.codes);
				if (page.next === '') break;
				after = page.next;
			}
			const link = document.createElement('a');
			link.href = URL.createObjectURL(new Blob([toCsv(codes)], { type: 'text/csv' }));
			link.download = `${pool.pool}.csv`;
			link.click();
			// The download has begun by the time this runs; the file's bytes need not stay in memory.
			setTimeout(() => URL.revokeObjectURL(link.href));
			say({ text: t('did_export_pool', { n: codes.length }) });
		});

	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_coupons')}</h1>
				<button type="button" class="primary" onClick={() => (filling.value = 'new')}>
					{t('new_pool')}
				</button>
			</header>
			<p>{t('pools_about')}</p>
			{failed.value === undefined ? null : <Trouble error={failed.value} />}
			<Shown loaded={loaded}>
				{(pools) =>
					pools.length === 0 ? (
						<section class="empty">
							<h2>{t('pools_empty')}</h2>
							<p>{t('pools_empty_next')}</p>
						</section>
					) : (
						<ul class="cards">
							{pools.map((pool) => (
								<li key={pool.pool} class="card">
									<div class="card-main">
										<h2>
											{pool.pool}
											{pool.is_low && !pool.closed ? <span class="badge bad">{t('pool_low')}</span> : null}
											{pool.closed ? <span class="badge">{t('pool_closed')}</span> : null}
											{pool.bound ? <span class="badge">{t('pool_bound')}</span> : null}
										</h2>
										<Figures pool={pool} />
										<p class="fine">{worth(pool)}</p>
									</div>
									<div class="card-actions">
										<button
											type="button"
											class="quiet"
											aria-label={t('pool_of', { what: t('pool_add'), name: pool.pool })}
											onClick={() => (filling.value = pool)}
										>
											{t('pool_add')}
										</button>
										<button
											type="button"
											class="quiet"
											aria-label={t('pool_of', { what: t('pool_export'), name: pool.pool })}
											onClick={() => void download(pool)}
										>
											{t('pool_export')}
										</button>
										<button
											type="button"
											class="quiet"
											aria-label={t('pool_of', { what: t(pool.closed ? 'pool_open' : 'pool_close'), name: pool.pool })}
											onClick={() => (pool.closed ? void settle(pool, false) : (closing.value = pool))}
										>
											{t(pool.closed ? 'pool_open' : 'pool_close')}
										</button>
									</div>
								</li>
							))}
						</ul>
					)
				}
			</Shown>
			{filling.value === undefined ? null : (
				<FillDialog
					pool={filling.value === 'new' ? undefined : filling.value}
					onClose={() => (filling.value = undefined)}
					onChanged={loaded.reload}
				/>
			)}
			{closing.value === undefined ? null : (
				<Dialog
					title={t('close_pool_title', { name: closing.value.pool })}
					onClose={() => (closing.value = undefined)}
					actions={
						<>
							<button type="button" onClick={() => (closing.value = undefined)}>
								{t('cancel')}
							</button>
							<button type="button" class="danger" onClick={() => closing.value && void settle(closing.value, true)}>
								{t('pool_close')}
							</button>
						</>
					}
				>
					<p>{t('close_pool_about')}</p>
				</Dialog>
			)}
		</>
	);
}

function Figures({ pool }: { pool: PoolAnswer }) {
	const all = [
		['pool_stock', pool.stock],
		['pool_claimed', pool.claimed],
		['pool_redeemed', pool.redeemed],
		['pool_lapsed', pool.lapsed],
	] as const;
	return (
		<dl class="pool-figures">
			{all.map(([word, count]) => (
				<div key={word}>
					<dt>{t(word)}</dt>
					<dd>{number(count)}</dd>
				</div>
			))}
		</dl>
	);
}

/** What a code is worth and for how long, in a line. */
function worth({ terms, expires_after_ms, until }: PoolAnswer): string {
	const money = (value: number) => (terms.currency === '' ? number(value) : `${number(value)} ${terms.currency}`);
	const parts = [t('pool_off', { worth: terms.kind === 'percent' ? `${number(terms.value)}%` : money(terms.value) })];
	if (terms.minimum > 0) parts.push(t('pool_minimum', { minimum: money(terms.minimum) }));
	parts.push(t('pool_held', { n: Math.round((expires_after_ms / 86_400_000) * 10) / 10 }));
	if (until > 0) parts.push(t('pool_until', { at: moment(until) }));
	return parts.join(' · ');
}
