/** One campaign: its text, its sentence beside it, and what is wrong with it. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { signal, useSignal } from '@preact/signals';
import type { Finding } from '../../api/types.ts';
import { language } from '../../app/prefs.ts';
import { hrefTo } from '../../app/route.ts';
import { api } from '../../app/session.ts';
import { useAsked, Waiting } from '../../ui/load.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { t, textOf } from '../../words/index.ts';
import { copyCampaign, deleteCampaign, discardDraft, nameOf, pauseOrResume } from './actions.ts';
import { Conflict } from './conflict.tsx';
import { Diff } from './diff-view.tsx';
import { JsonEditor } from './editor/json-editor.tsx';
import { phrases } from './editor/phrases.ts';
import { problemsOf, type Problem } from './editor/problems.ts';
import type { Schema } from './editor/schema.ts';
import { ChangeMark, isOver, Over, pauseWord, Status } from './list.tsx';
import { Preview } from './preview.tsx';
import { reviewing } from './publish.tsx';
import { change, checks, checkSoon, loading, sentenceOf, siteText, space } from './store.ts';
import { calendarNames, item, print, siteOf, textOf as documentText, write } from './workspace.ts';

/** A place to go to once the editor is there: set by whoever links to a finding. */
export const wanted = signal<{ readonly key: string; readonly path: string } | undefined>(undefined);

const NONE: readonly Finding[] = [];

export function CampaignEdit({ id }: { id: string }) {
	const one = item(space.value, id);
	const text = documentText(space.value, id);
	const schema = useAsked(() => api.schema(), 'schema');
	const jump = useRef<(from: number, to: number) => void>(undefined);
	const comparing = useSignal(false);
	const checked = checks.value.get(id);
	const findings = checked?.findings ?? NONE;
	const spoken = language.value;
	const problems = useMemo(
		() =>
			problemsOf(text ?? '', findings, {
				slip: (code) => t(code),
				finding: (finding) => textOf(finding.message),
			}),
		[text, findings, spoken],
	);

	useEffect(() => {
		checkSoon(id);
	}, [id, text, siteText.value]);

	useEffect(() => {
		const place = wanted.value;
		if (place === undefined || place.key !== id) return;
		const problem = problems.find((one) => one.path === place.path);
		if (problem === undefined) return;
		wanted.value = undefined;
		jump.current?.(problem.from, problem.to);
	}, [problems, wanted.value]);

	if (text === undefined) {
		if (loading.value) return <Waiting />;
		return (
			<section class="empty">
				<h1 tabIndex={-1}>{one.change === 'removed' ? t('edit_deleted') : t('edit_missing')}</h1>
				<p>
					<a href={hrefTo('campaigns')}>{t('back_to_campaigns')}</a>
				</p>
			</section>
		);
	}
	const name = nameOf(id);
	const publish = () => {
		reviewing.value = true;
	};
	return (
		<div class="edit">
			<header class="room-head">
				<div>
					<p class="crumb">
						<a href={hrefTo('campaigns')}>{t('room_campaigns')}</a>
					</p>
					<h1 tabIndex={-1}>
						{name} {isOver(one) ? null : <Status status={one.status} />} <ChangeMark one={one} />
					</h1>
					<Over one={one} />
				</div>
				<div class="tools">
					<button type="button" class="quiet" onClick={() => pauseOrResume(id)}>
						{pauseWord(one)}
					</button>
					<button type="button" class="quiet" onClick={() => copyCampaign(id)}>
						{t('duplicate')}
					</button>
					{one.change === undefined && one.document !== undefined ? null : (
						<button type="button" class="quiet" onClick={() => discardDraft(id)}>
							{t('discard_draft')}
						</button>
					)}
					<button type="button" class="quiet danger" onClick={() => deleteCampaign(id)}>
						{t('delete')}
					</button>
				</div>
			</header>
			{one.conflict ? <Conflict one={one} /> : null}
			<div class="edit-panes">
				<section class="pane text" aria-label={t('document')}>
					<JsonEditor
						key={id}
						text={text}
						current={() => documentText(space.peek(), id)}
						label={t('document_of', { name })}
						language={spoken}
						schema={schema.value as Schema | undefined}
						names={(pointer) => calendarNames(siteOf(space.peek()), pointer)}
						problems={problems}
						phrases={phrases()}
						onChange={(next) => change(write(space.peek(), id, next))}
						onPublish={publish}
						jump={jump}
					/>
				</section>
				<aside class="pane beside">
					<section aria-labelledby="sentence-head">
						<h2 id="sentence-head">{t('sentence_head')}</h2>
						<p class="sentence big" aria-live="polite">
							{textOf(sentenceOf(id)) || t('no_sentence')}
						</p>
						<State problems={problems} fresh={checked?.text === text} failed={checked?.error !== undefined} />
					</section>
					<Preview document={one.document} />
					{checked?.error === undefined ? null : <Trouble error={checked.error} onRetry={() => checkSoon(id, 0)} />}
					<Problems problems={problems} onJump={(problem) => jump.current?.(problem.from, problem.to)} />
					{one.live !== undefined && one.change !== undefined && one.document ? (
						<section>
							<button
								type="button"
								class="link"
								aria-expanded={comparing.value}
								onClick={() => (comparing.value = !comparing.value)}
							>
								{t('compare_live')}
							</button>
							{comparing.value ? <Diff before={print(one.live.document)} after={print(one.document)} /> : null}
						</section>
					) : null}
					<section class="fine">
						<h2>{t('keys_head')}</h2>
						<dl class="keys">
							<dt>
								<kbd>Ctrl</kbd> <kbd>Space</kbd>
							</dt>
							<dd>{t('keys_complete')}</dd>
							<dt>
								<kbd>F8</kbd>
							</dt>
							<dd>{t('keys_next')}</dd>
							<dt>
								<kbd>Ctrl</kbd> <kbd>S</kbd>
							</dt>
							<dd>{t('keys_publish')}</dd>
						</dl>
					</section>
				</aside>
			</div>
		</div>
	);
}

function State({ problems, fresh, failed }: { problems: readonly Problem[]; fresh: boolean; failed: boolean }) {
	const errors = problems.filter((problem) => problem.level === 'error').length;
	const warnings = problems.length - errors;
	const slip = problems.some((problem) => problem.code.startsWith('json_'));
	if (failed && !slip) return null;
	const text =
		!fresh && !slip
			? t('checking')
			: errors > 0
				? t('check_errors', { n: errors })
				: warnings > 0
					? t('check_warnings', { n: warnings })
					: t('check_well');
	return (
		<p class={errors > 0 ? 'state bad' : !fresh ? 'state' : warnings > 0 ? 'state warn' : 'state good'} role="status">
			{text}
		</p>
	);
}

function Problems({ problems, onJump }: { problems: readonly Problem[]; onJump: (problem: Problem) => void }) {
	if (problems.length === 0) return null;
	return (
		<section aria-labelledby="problems-head">
			<h2 id="problems-head">{t('findings_head')}</h2>
			<ol class="problems">
				{problems.map((problem, index) => (
					<li key={index}>
						<button type="button" class={`problem ${problem.level}`} onClick={() => onJump(problem)}>
							<span>
								<span class="level">{t(problem.level === 'error' ? 'level_error' : 'level_warning')}</span>{' '}
								{problem.message}
							</span>
							{problem.expected === '' ? null : (
								<span class="expected">{t('expected', { what: problem.expected })}</span>
							)}
							<code>
								{problem.code} {problem.path}
							</code>
						</button>
					</li>
				))}
			</ol>
		</section>
	);
}
