/** The frame around the rooms: where one is, what is not published yet, whether the edge is heard. */
import { useEffect } from 'preact/hooks';
import { useSignal, useSignalEffect } from '@preact/signals';
import { Dialog } from '../ui/dialog.tsx';
import { say, Toasts } from '../ui/toast.tsx';
import { sentence } from '../ui/trouble.tsx';
import { Waiting } from '../ui/load.tsx';
import { number, t, zone } from '../words/index.ts';
import { LANGUAGES } from '../words/language.ts';
import { CampaignEdit } from '../rooms/campaigns/edit.tsx';
import { CampaignList } from '../rooms/campaigns/list.tsx';
import { PendingBar, PublishReview, reviewing } from '../rooms/campaigns/publish.tsx';
import { SITE } from '../rooms/campaigns/workspace.ts';
import { forget, liveVersion, pending, startWorkspace } from '../rooms/campaigns/store.ts';
import { ChatRoom } from '../rooms/chat/chat.tsx';
import { startConversations, unread } from '../rooms/chat/store.ts';
import { CouponsRoom } from '../rooms/coupons/coupons.tsx';
import { KeysRoom } from '../rooms/keys/keys.tsx';
import { LineNote, LiveRoom } from '../rooms/live/live.tsx';
import { count } from '../rooms/live/presence.ts';
import { shards, startLive } from '../rooms/live/store.ts';
import { NumbersRoom } from '../rooms/numbers/numbers.tsx';
import { SiteRoom } from '../rooms/site/site.tsx';
import { AuditRoom } from '../rooms/versions/audit.tsx';
import { VersionsRoom } from '../rooms/versions/versions.tsx';
import { language, theme, THEMES } from './prefs.ts';
import { hrefTo, ROOMS, route, type Room } from './route.ts';
import { asApiError, chooseSite, door, leave, site, siteId } from './session.ts';
import { SignIn } from './sign-in.tsx';

export function App() {
	const { value } = door;
	if (value.at === 'opening') {
		return (
			<main class="door">
				<Waiting />
			</main>
		);
	}
	if (value.at === 'outside') return <SignIn error={value.error} />;
	return <Inside key={siteId.value} />;
}

function Inside() {
	useEffect(() => {
		const stops = [startWorkspace(), startLive(), startConversations()];
		return () => {
			for (const stop of stops) stop();
		};
	}, []);
	useEffect(() => {
		const keys = (event: KeyboardEvent) => {
			if (event.key === 's' && (event.metaKey || event.ctrlKey) && !event.altKey) {
				event.preventDefault();
				if (pending.peek().length > 0) reviewing.value = true;
			}
		};
		addEventListener('keydown', keys);
		return () => removeEventListener('keydown', keys);
	}, []);

	const { room, item } = route.value;
	useSignalEffect(() => {
		const waiting = unread.value > 0 ? `(${unread.value}) ` : '';
		document.title = `${waiting}${t(`room_${route.value.room}`)} · Noren`;
	});
	// A new room is announced by its heading, as a new page would be; the first one is not torn away from the address bar.
	useEffect(() => {
		if (document.activeElement !== document.body && document.activeElement?.closest('main, nav') === null) return;
		document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
		scrollTo(0, 0);
	}, [room, item]);
	// On a phone the rooms lie in a row that may be longer than the screen.
	useEffect(() => {
		document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
	}, [room]);

	return (
		<>
			<a class="skip" href="#main" onClick={skip}>
				{t('skip')}
			</a>
			<div class="frame">
				<Side room={room} />
				<div class="stage">
					<PendingBar />
					<main id="main" class={`room ${room}`}>
						{room === 'campaigns' ? item === '' ? <CampaignList /> : <CampaignEdit key={item} id={item} /> : null}
						{room === 'live' ? <LiveRoom /> : null}
						{room === 'chat' ? <ChatRoom id={item} /> : null}
						{room === 'numbers' ? <NumbersRoom /> : null}
						{room === 'site' ? <SiteRoom /> : null}
						{room === 'versions' ? <VersionsRoom /> : null}
						{room === 'coupons' ? <CouponsRoom /> : null}
						{room === 'keys' ? <KeysRoom /> : null}
						{room === 'audit' ? <AuditRoom /> : null}
					</main>
				</div>
			</div>
			{reviewing.value ? <PublishReview /> : null}
			<Toasts />
		</>
	);
}

/** The address belongs to the rooms, so the skip link moves the focus without changing it. */
function skip(event: Event): void {
	event.preventDefault();
	document.querySelector<HTMLElement>('main h1')?.focus();
}

function Side({ room }: { room: Room }) {
	const leaving = useSignal(false);
	const { value } = door;
	if (value.at !== 'inside') return null;
	const { session } = value;
	const out = async () => {
		const id = siteId.value;
		try {
			await leave();
			forget(id);
		} catch (cause) {
			leaving.value = false;
			say({ text: sentence(asApiError(cause)) });
		}
	};
	return (
		<header class="side">
			<p class="brand">
				<Mark /> Noren
			</p>
			{session.sites.length > 1 ? (
				<select aria-label={t('site')} value={siteId.value} onChange={(event) => chooseSite(event.currentTarget.value)}>
					{session.sites.map((one) => (
						<option key={one} value={one}>
							{one}
						</option>
					))}
				</select>
			) : (
				<p class="site">{site.value?.name || siteId.value}</p>
			)}
			<nav aria-label={t('rooms')}>
				<ul>
					{ROOMS.map((one) => (
						<li key={one}>
							<a href={hrefTo(one)} aria-current={one === room ? 'page' : undefined}>
								{t(`room_${one}`)}
								<Badge room={one} />
							</a>
						</li>
					))}
				</ul>
			</nav>
			<div class="side-foot">
				<LineNote />
				<p class="fine">{t('live_version', { n: liveVersion.value })}</p>
				<p class="fine">{t('times_in', { zone: zone() })}</p>
				<Prefs />
				<p class="fine who">
					{t('signed_in_as', { name: session.name })}{' '}
					<button
						type="button"
						class="link"
						onClick={() => (pending.value.length > 0 ? (leaving.value = true) : void out())}
					>
						{t('sign_out')}
					</button>
				</p>
			</div>
			{leaving.value ? (
				<Dialog
					title={t('leave_title')}
					onClose={() => (leaving.value = false)}
					actions={
						<>
							<button type="button" onClick={() => (leaving.value = false)}>
								{t('stay')}
							</button>
							<button type="button" class="danger" onClick={() => void out()}>
								{t('leave_anyway')}
							</button>
						</>
					}
				>
					<p>{t('leave_about', { n: pending.value.length })}</p>
				</Dialog>
			) : null}
		</header>
	);
}

function Badge({ room }: { room: Room }) {
	if (room === 'chat' && unread.value > 0) {
		return (
			<span class="count">
				{number(unread.value)}
				<span class="hidden"> {t('unread')}</span>
			</span>
		);
	}
	if (room === 'live') {
		const here = count(shards.value);
		return here > 0 ? <span class="count calm">{number(here)}</span> : null;
	}
	const waiting = pending.value.filter((one) => (one.key === SITE ? 'site' : 'campaigns') === room).length;
	if (waiting > 0) {
		return (
			<span class="count calm">
				{number(waiting)}
				<span class="hidden"> {t('unpublished')}</span>
			</span>
		);
	}
	return null;
}

export function Prefs() {
	return (
		<div class="prefs">
			<select
				aria-label={t('language')}
				value={language.value}
				onChange={(event) => {
					const chosen = LANGUAGES.find((one) => one === event.currentTarget.value);
					if (chosen !== undefined) language.value = chosen;
				}}
			>
				<option value="en" lang="en">
					English
				</option>
				<option value="ja" lang="ja">
					日本語
				</option>
			</select>
			<select
				aria-label={t('theme')}
				value={theme.value}
				onChange={(event) => {
					const chosen = THEMES.find((one) => one === event.currentTarget.value);
					if (chosen !== undefined) theme.value = chosen;
				}}
			>
				{THEMES.map((one) => (
					<option key={one} value={one}>
						{t(`theme_${one}`)}
					</option>
				))}
			</select>
		</div>
	);
}

/** A curtain of three panels on its rod. */
export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
			<path d="M1 4.5h22" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
			<path d="M3 6h5.4v13.5L3 18zM9.3 6h5.4v12.2l-2.7.8-2.7-.8zM15.6 6H21v12l-5.4 1.5z" fill="var(--accent)" />
		</svg>
	);
}
