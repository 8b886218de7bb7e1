/** What the site says for all of its campaigns: who is held out, and the calendars that schedules can name. A draft like any other. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Document, Finding } from '../../api/types.ts';
import { go, hrefTo } from '../../app/route.ts';
import { Waiting } from '../../ui/load.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { t, textOf } from '../../words/index.ts';
import { discardDraft, nameOf, undoable } from '../campaigns/actions.ts';
import { Conflict } from '../campaigns/conflict.tsx';
import { wanted } from '../campaigns/edit.tsx';
import { ChangeMark } from '../campaigns/list.tsx';
import { change, checks, checkSoon, failure, loading, refresh, siteText, space } from '../campaigns/store.ts';
import { item, items, print, same, SITE, siteOf, write, type Item } from '../campaigns/workspace.ts';
import {
	calendarsOf,
	datesIn,
	findingsAt,
	holdoutOf,
	pathOf,
	renamed,
	textOfDates,
	usersOf,
	withCalendar,
	withDates,
	withHoldout,
	withoutCalendar,
	type Calendar,
} from './form.ts';
import { Sensitive } from './sensitive.tsx';

const NONE: readonly Finding[] = [];

function save(next: Document): void {
	change(write(space.peek(), SITE, print(next)));
}

export function SiteRoom() {
	const one = item(space.value, SITE);
	const document = siteOf(space.value);
	const checked = checks.value.get(SITE);
	const findings = checked?.findings ?? NONE;
	const campaigns = items(space.value);
	// Campaigns are what is live and what is in hand: both may be what a name of a calendar is wrong for.
	const drafts = space.value.drafts;
	useEffect(() => {
		checkSoon(SITE);
	}, [siteText.value, drafts, space.value.live]);

	if (loading.value && space.value.version === 0 && failure.value === undefined) return <Waiting />;
	const errors = findings.filter((finding) => finding.level === 'error');
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>
					{t('room_site')} <ChangeMark one={one} />
				</h1>
				{one.change === undefined ? null : (
					<button type="button" class="quiet" onClick={() => discardDraft(SITE)}>
						{t('discard_draft')}
					</button>
				)}
			</header>
			{failure.value === undefined ? null : <Trouble error={failure.value} onRetry={() => void refresh()} />}
			{checked?.error === undefined ? null : <Trouble error={checked.error} onRetry={() => checkSoon(SITE, 0)} />}
			<p class="fine">{t('site_about')}</p>
			{one.conflict ? <Conflict one={one} /> : null}
			<p class={errors.length > 0 ? 'state bad' : 'state good'} role="status">
				{errors.length > 0 ? t('check_errors', { n: errors.length }) : one.change === undefined ? '' : t('check_well')}
			</p>
			<Holdout document={document} findings={findings} />
			<Calendars document={document} findings={findings} campaigns={campaigns} />
			<Sensitive />
			<Broken findings={errors.filter((finding) => finding.campaign !== '')} campaigns={campaigns} />
			<Said findings={findings} document={document} />
		</>
	);
}

function Holdout({ document, findings }: { document: Document; findings: readonly Finding[] }) {
	const fields = holdoutOf(document);
	const ofSeed = findingsAt(findings, '/holdout/seed');
	const ofShare = findingsAt(findings, '/holdout').filter((one) => !ofSeed.includes(one));
	const about = useId();
	const [share, seed] = [useId(), useId()];
	return (
		<section class="form-part" aria-labelledby={`${about}h`}>
			<h2 id={`${about}h`}>{t('holdout_head')}</h2>
			<p id={about}>{t('holdout_about')}</p>
			<p class="field">
				<label for={share}>{t('holdout_share')}</label>
				<input
					id={share}
					type="text"
					inputMode="decimal"
					class="short"
					value={fields.share}
					aria-invalid={ofShare.length > 0}
					aria-describedby={`${about} ${share}f`}
					onInput={(event) => save(withHoldout(document, { ...fields, share: event.currentTarget.value }))}
				/>
			</p>
			<Findings id={`${share}f`} findings={ofShare} />
			<p class="field">
				<label for={seed}>{t('holdout_seed')}</label>
				<input
					id={seed}
					type="text"
					class="short"
					value={fields.seed}
					aria-invalid={ofSeed.length > 0}
					aria-describedby={`${about}s ${seed}f`}
					onInput={(event) => save(withHoldout(document, { ...fields, seed: event.currentTarget.value }))}
				/>
				<span class="fine" id={`${about}s`}>
					{t('holdout_seed_about')}
				</span>
			</p>
			<Findings id={`${seed}f`} findings={ofSeed} />
		</section>
	);
}

function Calendars({
	document,
	findings,
	campaigns,
}: {
	document: Document;
	findings: readonly Finding[];
	campaigns: readonly Item[];
}) {
	const list = calendarsOf(document);
	const fresh = useRef('');
	const head = useId();
	return (
		<section class="form-part" aria-labelledby={head}>
			<h2 id={head}>{t('calendars_head')}</h2>
			<p>{t('calendars_about')}</p>
			{list.map((one, index) => (
				// By its place: a calendar that is given another name is still the one under the hands.
				<OneCalendar
					key={index}
					one={one}
					document={document}
					findings={findingsAt(findings, pathOf(one.name))}
					users={usersOf(campaigns, one.name)}
					fresh={fresh.current === one.name}
				/>
			))}
			<Findings id={`${head}f`} findings={findings.filter((one) => one.campaign === '' && one.path === '/calendars')} />
			<p>
				<button
					type="button"
					onClick={() => {
						const added = withCalendar(document);
						fresh.current = added.name;
						undoable(SITE, t('did_add_calendar', { name: added.name }));
						save(added.site);
					}}
				>
					{t('add_calendar')}
				</button>
			</p>
		</section>
	);
}

function OneCalendar({
	one,
	document,
	findings,
	users,
	fresh,
}: {
	one: Calendar;
	document: Document;
	findings: readonly Finding[];
	users: readonly Item[];
	fresh: boolean;
}) {
	const id = useId();
	const [name, setName] = useState(one.name);
	const [taken, setTaken] = useState(false);
	const [text, setText] = useState(textOfDates(one.dates));
	const first = useRef<HTMLInputElement>(null);
	useEffect(() => {
		setName(one.name);
		setTaken(false);
	}, [one.name]);
	// What is being typed stays as it is typed while it means what the document says; an undo says something else.
	useEffect(() => {
		if (!same(datesIn(text), one.dates)) setText(textOfDates(one.dates));
	}, [one.dates]);
	useEffect(() => {
		if (fresh) first.current?.select();
	}, []);
	const rename = () => {
		const to = name.trim();
		if (to === one.name) {
			setName(to);
			return;
		}
		const next = renamed(document, one.name, to);
		setTaken(next === undefined);
		if (next === undefined) return;
		undoable(SITE, t('did_rename_calendar', { name: one.name, to }));
		save(next);
	};
	const nameWrong = findings.some((finding) => finding.code === 'id_invalid');
	return (
		<fieldset class="calendar" aria-describedby={`${id}u`}>
			<legend>{one.name}</legend>
			<p class="field">
				<label for={`${id}n`}>{t('calendar_name')}</label>
				<input
					id={`${id}n`}
					ref={first}
					type="text"
					class="short"
					spellcheck={false}
					value={name}
					aria-invalid={taken || nameWrong}
					aria-describedby={`${id}f`}
					onInput={(event) => setName(event.currentTarget.value)}
					onChange={rename}
				/>
			</p>
			<p class="field">
				<label for={`${id}d`}>{t('calendar_dates')}</label>
				<textarea
					id={`${id}d`}
					rows={Math.min(12, Math.max(4, one.dates.length + 1))}
					spellcheck={false}
					placeholder={'2026-12-31\n2027-01-01'}
					value={text}
					aria-invalid={findings.some((finding) => finding.code !== 'id_invalid')}
					aria-describedby={`${id}c ${id}f`}
					onInput={(event) => {
						setText(event.currentTarget.value);
						save(withDates(document, one.name, event.currentTarget.value));
					}}
					onBlur={() => setText(textOfDates(one.dates))}
				/>
				<span class="fine" id={`${id}c`}>
					{t('calendar_days', { n: one.dates.length })}
				</span>
			</p>
			<Findings
				id={`${id}f`}
				findings={findings}
				{...(taken ? { also: t('calendar_taken', { name: name.trim() }) } : {})}
				line={(finding) => Number(/\/(\d+)$/u.exec(finding.path.slice(pathOf(one.name).length))?.[1] ?? -1) + 1}
			/>
			<p class="fine" id={`${id}u`}>
				{users.length === 0 ? t('calendar_unused') : t('calendar_used', { n: users.length })}{' '}
				{users.map((user, index) => (
					<span key={user.key}>
						{index === 0 ? '' : ', '}
						<a href={hrefTo('campaigns', user.key)}>{nameOf(user.key)}</a>
					</span>
				))}
			</p>
			<p>
				<button
					type="button"
					class="quiet danger"
					aria-label={t('of', { what: t('delete'), name: one.name })}
					onClick={() => {
						undoable(SITE, t('did_delete_calendar', { name: one.name }));
						save(withoutCalendar(document, one.name));
					}}
				>
					{t('delete')}
				</button>
			</p>
		</fieldset>
	);
}

/** What is wrong, beside the field it is about, which names this list as its description. */
function Findings({
	id,
	findings,
	also,
	line,
}: {
	id: string;
	findings: readonly Finding[];
	also?: string;
	line?: (finding: Finding) => number;
}) {
	return (
		<ul class="findings" id={id} aria-live="polite">
			{also === undefined ? null : <li>{also}</li>}
			{findings.map((finding, index) => {
				const at = line?.(finding) ?? 0;
				return (
					<li key={index}>
						{at > 0 ? `${t('line_of', { n: at })} ` : null}
						{textOf(finding.message)} <code>{finding.code}</code>
					</li>
				);
			})}
		</ul>
	);
}

/** What is said about the document as a whole, which no field of this form could have brought about: it came from elsewhere. */
function Said({ findings, document }: { findings: readonly Finding[]; document: Document }) {
	const told = ['/holdout', '/calendars', ...calendarsOf(document).map((one) => pathOf(one.name))];
	const other = findings.filter(
		(one) => one.campaign === '' && !told.some((path) => one.path === path || one.path.startsWith(`${path}/`)),
	);
	return other.length === 0 ? null : <Findings id="site-other" findings={other} />;
}

/** Campaigns that could not be published with these settings. */
function Broken({ findings, campaigns }: { findings: readonly Finding[]; campaigns: readonly Item[] }) {
	const head = useId();
	if (findings.length === 0) return null;
	return (
		<section class="form-part" aria-labelledby={head}>
			<h2 id={head}>{t('site_breaks', { n: new Set(findings.map((one) => one.campaign)).size })}</h2>
			<p>{t('site_breaks_next')}</p>
			<ol class="problems">
				{findings.map((finding, index) => {
					const key = campaigns.find((one) => one.id === finding.campaign)?.key ?? '';
					return (
						<li key={index}>
							<button
								type="button"
								class="problem error"
								onClick={() => {
									wanted.value = { key, path: finding.path };
									go('campaigns', key);
								}}
							>
								<span>
									<strong>{key === '' ? finding.campaign : nameOf(key)}</strong> {textOf(finding.message)}
								</span>
								<code>
									{finding.code} {finding.path}
								</code>
							</button>
						</li>
					);
				})}
			</ol>
		</section>
	);
}
