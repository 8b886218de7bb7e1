/** A new pool, or more codes for one: pasted, from a file, or made here. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ApiError } from '../../api/http.ts';
import type { PoolAnswer, PoolRequest } from '../../api/types.ts';
import { api, asApiError, siteId } from '../../app/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { say } from '../../ui/toast.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { number, t } from '../../words/index.ts';
import { type Imported, parseCodes, sendCodes, spans } from './codes.ts';

/** What a field takes. */
interface Limits {
	readonly numeric?: boolean;
	readonly min?: string;
	readonly max?: string;
	readonly step?: string;
	readonly maxLength?: number;
	readonly pattern?: string;
}

export function FillDialog({
	pool,
	onClose,
	onChanged,
}: {
	/** Left out for a new one. */
	pool: PoolAnswer | undefined;
	onClose: () => void;
	onChanged: () => void;
}) {
	const [form, source] = [useId(), useId()];
	const name = useSignal(pool?.pool ?? '');
	const made = useSignal(true);
	const count = useSignal('100');
	const prefix = useSignal('');
	const text = useSignal('');
	const kind = useSignal('amount');
	const value = useSignal('');
	const currency = useSignal('JPY');
	const minimum = useSignal('0');
	const days = useSignal('7');
	const bound = useSignal(false);
	const low = useSignal('10');
	const failed = useSignal<ApiError | undefined>(undefined);
	const sent = useSignal<number | undefined>(undefined);
	const told = useSignal<Imported | undefined>(undefined);
	const lines = made.value ? [] : parseCodes(text.value);

	const settings = (): Partial<PoolRequest> => ({
		...(made.value ? { generate: { count: Number(count.value), prefix: prefix.value.trim() } } : {}),
		...(pool === undefined
			? {
					terms: {
						kind: kind.value,
						value: Number(value.value),
						minimum: Number(minimum.value),
						currency:
							kind.value === 'percent' && Number(minimum.value) === 0 ? '' : currency.value.trim().toUpperCase(),
					},
					expires_after: `${days.value}d`,
					bound: bound.value,
					low: Number(low.value),
				}
			: {}),
	});
	const send = async () => {
		if (sent.value !== undefined) return;
		sent.value = 0;
		try {
			const at = name.value.trim();
			const fill = (request: PoolRequest) => api.fillPool(siteId.value, at, request);
			const done = await sendCodes(fill, settings(), lines, (n) => (sent.value = n));
			say({ text: t('did_fill_pool', { n: done.added, name: at }) });
			onChanged();
			if (done.duplicates.length === 0) return onClose();
			told.value = done;
			failed.value = undefined;
		} catch (cause) {
			failed.value = asApiError(cause);
			// Steps before the one that failed have arrived.
			onChanged();
		}
		sent.value = undefined;
	};
	const field = (label: string, of: { value: string }, path: string, more: Limits = {}) => {
		const { numeric, ...limits } = more;
		const props = {
			...limits,
			autocomplete: 'off',
			required: path !== 'generate.prefix',
			value: of.value,
			'aria-invalid': failed.value?.path === path,
			onInput: (event: { currentTarget: { value: string } }) => {
				of.value = event.currentTarget.value;
			},
		} as const;
		return (
			<p class="field">
				<label>
					{label}
					{numeric ? <input type="number" {...props} /> : <input type="text" {...props} />}
				</label>
			</p>
		);
	};
	const whole = { numeric: true, min: '0', step: '1' } as const;
	return (
		<Dialog
			title={pool === undefined ? t('new_pool') : t('pool_of', { what: t('pool_add'), name: pool.pool })}
			onClose={onClose}
			actions={
				told.value === undefined ? (
					<>
						<button type="button" onClick={onClose}>
							{t('cancel')}
						</button>
						<button type="submit" form={form} class="primary" disabled={sent.value !== undefined}>
							{t(pool === undefined ? 'make_pool' : 'pool_add')}
						</button>
					</>
				) : (
					<button type="button" class="primary" onClick={onClose}>
						{t('understood')}
					</button>
				)
			}
		>
			{told.value === undefined ? (
				<form
					id={form}
					class="form-part"
					onSubmit={(event) => {
						event.preventDefault();
						void send();
					}}
				>
					{failed.value === undefined ? null : <Trouble error={failed.value} />}
					{pool === undefined ? (
						<>
							{field(t('pool_name'), name, 'pool', { pattern: '[A-Za-z0-9_\\-]+', maxLength: 64 })}
							<p class="field">
								<label>
									{t('pool_kind')}
									<select value={kind.value} onChange={(event) => (kind.value = event.currentTarget.value)}>
										<option value="amount">{t('pool_kind_amount')}</option>
										<option value="percent">{t('pool_kind_percent')}</option>
									</select>
								</label>
							</p>
							{field(t('pool_value'), value, 'terms.value', { numeric: true, min: '0', step: 'any' })}
							{field(t('pool_minimum_field'), minimum, 'terms.minimum', { numeric: true, min: '0', step: 'any' })}
							{field(t('pool_currency'), currency, 'terms.currency', { maxLength: 3 })}
							{field(t('pool_days'), days, 'expires_after', { ...whole, min: '1', max: '365' })}
							{field(t('pool_low_field'), low, 'low', { ...whole, max: '1000' })}
							<p>
								<label>
									<input
										type="checkbox"
										checked={bound.value}
										onChange={(event) => (bound.value = event.currentTarget.checked)}
									/>{' '}
									{t('pool_bound_field')}
								</label>
							</p>
						</>
					) : null}
					<fieldset>
						<legend>{t('pool_source')}</legend>
						{([true, false] as const).map((one) => (
							<p key={String(one)}>
								<label>
									<input type="radio" name={source} checked={made.value === one} onChange={() => (made.value = one)} />{' '}
									{t(one ? 'pool_made' : 'pool_imported')}
								</label>
							</p>
						))}
					</fieldset>
					{made.value ? (
						<>
							{field(t('pool_count'), count, 'generate.count', { ...whole, min: '1', max: '10000' })}
							{field(t('pool_prefix'), prefix, 'generate.prefix', { maxLength: 24 })}
						</>
					) : (
						<>
							<p class="field">
								<label>
									{t('pool_codes')}
									<textarea
										rows={6}
										required
										spellcheck={false}
										value={text.value}
										aria-invalid={failed.value?.path.startsWith('codes') === true}
										onInput={(event) => (text.value = event.currentTarget.value)}
									/>
								</label>
							</p>
							<p class="field">
								<label>
									{t('pool_file')}
									<input
										type="file"
										accept=".csv,.txt,.tsv,text/csv,text/plain"
										onChange={(event) => {
											const file = event.currentTarget.files?.[0];
											void file?.text().then((read) => (text.value = read));
										}}
									/>
								</label>
							</p>
							<p class="fine" role="status">
								{t('pool_found', { n: lines.length })}
								{sent.value === undefined ? null : ` ${t('pool_sent', { sent: number(sent.value) })}`}
							</p>
						</>
					)}
				</form>
			) : (
				<p role="status">
					{t('pool_duplicates', {
						added: told.value.added,
						n: told.value.duplicates.length,
						lines: spans(told.value.duplicates),
					})}
				</p>
			)}
		</Dialog>
	);
}
