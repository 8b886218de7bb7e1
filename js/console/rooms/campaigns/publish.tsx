/** The review before publishing: what changes, line by line, and a note for those who come later. */
import { signal, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ApiError } from '../../api/http.ts';
import type { Finding } from '../../api/types.ts';
import { go } from '../../app/route.ts';
import { asApiError } from '../../app/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { say } from '../../ui/toast.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { t, textOf } from '../../words/index.ts';
import { nameOf } from './actions.ts';
import { Conflict } from './conflict.tsx';
import { Diff } from './diff-view.tsx';
import { wanted } from './edit.tsx';
import { ChangeMark } from './list.tsx';
import { bringBack, kept, overtaken, pending, publish, sentenceOf, space } from './store.ts';
import { obstacle, print, SITE } from './workspace.ts';

export const reviewing = signal(false);

/** The strip that stays in sight while something here is not live. */
export function PendingBar() {
	const { length } = pending.value;
	if (overtaken.value === undefined && length === 0) return null;
	return (
		<aside class="strips" aria-label={t('pending_head')}>
			{overtaken.value === undefined ? null : (
				<div class="strip" role="status">
					<span>{t('overtaken', { version: overtaken.value })}</span>
					<button type="button" class="link" onClick={() => (overtaken.value = undefined)}>
						{t('understood')}
					</button>
				</div>
			)}
			{length === 0 ? null : (
				<div class="strip pending">
					<span>
						{t('pending', { n: length })}
						{kept.value ? null : <strong> {t('pending_not_kept')}</strong>}
					</span>
					<button type="button" class="primary" onClick={() => (reviewing.value = true)}>
						{t('review_publish')}
					</button>
				</div>
			)}
		</aside>
	);
}

type Failed = { readonly error: ApiError; readonly findings: readonly (Finding & { readonly key: string })[] };

export function PublishReview() {
	const note = useSignal('');
	const busy = useSignal(false);
	const failed = useSignal<Failed | undefined>(undefined);
	const noteId = useId();
	const stop = obstacle(space.value);
	const close = () => {
		if (!busy.value) reviewing.value = false;
	};
	const send = async () => {
		busy.value = true;
		failed.value = undefined;
		const answer = await publish(note.value.trim());
		busy.value = false;
		if (!answer.ok) {
			failed.value = answer;
			return;
		}
		reviewing.value = false;
		say({
			text: t('did_publish', { version: answer.version }),
			...(answer.before > 0 ? { action: { label: t('roll_back'), run: () => void rollBack(answer.before) } } : {}),
		});
	};
	const list = pending.value;
	return (
		<Dialog
			title={t('review_publish')}
			wide
			onClose={close}
			actions={
				<>
					<button type="button" onClick={close}>
						{t('not_yet')}
					</button>
					<button type="button" class="primary" disabled={busy.value || stop !== undefined} onClick={() => void send()}>
						{busy.value ? t('publishing') : t('publish_now')}
					</button>
				</>
			}
		>
			{failed.value === undefined ? null : <Refused failed={failed.value} />}
			{stop === undefined ? null : (
				<p class="state bad">
					{stop.kind === 'nothing' ? t('obstacle_nothing') : t(`obstacle_${stop.kind}`, { name: nameOf(stop.key) })}
				</p>
			)}
			<ul class="review">
				{list.map((one) => (
					<li key={one.key}>
						<h3>
							{nameOf(one.key)} <ChangeMark one={one} />
						</h3>
						{one.conflict ? (
							<Conflict one={one} />
						) : (
							<>
								{one.change === 'removed' || one.key === SITE ? null : (
									<p class="sentence">{textOf(sentenceOf(one.key))}</p>
								)}
								{one.document === undefined ? null : (
									<Diff
										before={one.live === undefined ? '' : print(one.live.document)}
										after={one.document === null ? '' : print(one.document)}
									/>
								)}
							</>
						)}
					</li>
				))}
			</ul>
			{list.length === 0 ? null : (
				<p class="field">
					<label for={noteId}>{t('note')}</label>
					<input
						id={noteId}
						type="text"
						maxLength={200}
						placeholder={t('note_example')}
						value={note.value}
						onInput={(event) => (note.value = event.currentTarget.value)}
					/>
				</p>
			)}
		</Dialog>
	);
}

function Refused({ failed }: { failed: Failed }) {
	return (
		<>
			<Trouble error={failed.error} />
			{failed.findings.length === 0 ? null : (
				<ol class="problems">
					{failed.findings.map((finding, index) => (
						<li key={index}>
							<button
								type="button"
								class={`problem ${finding.level}`}
								onClick={() => {
									wanted.value = { key: finding.key, path: finding.path };
									reviewing.value = false;
									if (finding.key === SITE) go('site');
									else go('campaigns', finding.key);
								}}
							>
								<span>
									<strong>{nameOf(finding.key)}</strong> {textOf(finding.message)}
								</span>
								<code>
									{finding.code} {finding.path}
								</code>
							</button>
						</li>
					))}
				</ol>
			)}
		</>
	);
}

/** Make an older version live again, as a new one; what was live until then can be brought back the same way. */
export async function rollBack(version: number): Promise<ApiError | undefined> {
	const before = space.peek().version;
	try {
		const now = await bringBack(version);
		say({
			text: t('did_roll_back', { version, now }),
			action: { label: t('undo'), run: () => void rollBack(before) },
		});
		return undefined;
	} catch (cause) {
		const error = asApiError(cause);
		say({ text: t('roll_back_failed', { code: error.code }) });
		return error;
	}
}
