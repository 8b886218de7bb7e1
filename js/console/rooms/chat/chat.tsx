/** Answering visitors: the list on the left, the open conversation beside it. */
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Conversation, Message, Visitor } from '../../api/types.ts';
import { hrefTo } from '../../app/route.ts';
import { Waiting } from '../../ui/load.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { ago, clock, day, lasting, moment, number, t } from '../../words/index.ts';
import { eventWord } from '../../words/events.ts';
import { useNow } from '../live/live.tsx';
import { pathOf } from '../live/presence.ts';
import { shards } from '../live/store.ts';
import { conversations, halfWritten, listFailure, loadConversations, OpenThread } from './store.ts';
import { sends, TEXT_MAX_CHARS, type Thread } from './thread.ts';

export function ChatRoom({ id }: { id: string }) {
	const list = conversations.value;
	const at = useNow();
	return (
		<>
			<header class="room-head">
				<h1 tabIndex={-1}>{t('room_chat')}</h1>
			</header>
			{listFailure.value === undefined ? null : (
				<Trouble error={listFailure.value} onRetry={() => void loadConversations()} />
			)}
			{list === undefined ? (
				listFailure.value === undefined ? (
					<Waiting />
				) : null
			) : list.length === 0 && id === '' ? (
				<section class="empty">
					<h2>{t('chat_empty')}</h2>
					<p>{t('chat_empty_next')}</p>
				</section>
			) : (
				<div class={id === '' ? 'chat' : 'chat opened'}>
					<nav class="conversations" aria-label={t('conversations')}>
						<ul>
							{list.map((one) => (
								<Entry key={one.id} one={one} open={one.id === id} at={at} />
							))}
						</ul>
					</nav>
					{id === '' ? <p class="empty chat-none">{t('chat_choose')}</p> : <Panel key={id} id={id} at={at} />}
				</div>
			)}
		</>
	);
}

function Entry({ one, open, at }: { one: Conversation; open: boolean; at: number }) {
	return (
		<li>
			<a class="conversation" href={hrefTo('chat', one.id)} aria-current={open ? 'true' : undefined}>
				<span class="who">
					{t('visitor_named', { name: one.device.slice(0, 6) })}
					{one.unread > 0 ? (
						<span class="count">
							{number(one.unread)}
							<span class="hidden"> {t('unread')}</span>
						</span>
					) : null}
				</span>
				<span class="last">
					{one.last.who === 'operator' ? t('you_said') : ''}
					{one.last.text}
				</span>
				<span class="fine">{ago(one.last.at, at)}</span>
			</a>
		</li>
	);
}

function Panel({ id, at }: { id: string; at: number }) {
	const open = useMemo(() => new OpenThread(id), [id]);
	useEffect(() => () => open.release(), [open]);
	const thread = open.thread.value;
	const log = useRef<HTMLDivElement>(null);
	const atEnd = useRef(true);

	useLayoutEffect(() => {
		const { current } = log;
		if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight;
	}, [thread.messages, thread.outgoing, thread.typingUntil > at]);

	// Read means: before somebody's eyes. A tab in the background reads nothing.
	useEffect(() => {
		const look = () => {
			if (document.visibilityState === 'visible' && document.hasFocus()) open.seen();
		};
		look();
		addEventListener('focus', look);
		return () => removeEventListener('focus', look);
	}, [thread.messages, open]);

	const typing = thread.typingUntil > Date.now();
	return (
		<section class="panel" aria-label={t('conversation')}>
			<a class="back" href={hrefTo('chat')}>
				{t('back_to_conversations')}
			</a>
			{open.state.value === 'open' ? null : (
				<p class="strip" role="status">
					{t(open.state.value === 'connecting' && !thread.known ? 'line_connecting' : 'chat_reconnecting')}
				</p>
			)}
			<div
				class="log"
				ref={log}
				role="log"
				aria-live="polite"
				aria-label={t('messages')}
				tabIndex={0}
				onScroll={(event) => {
					const box = event.currentTarget;
					atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
				}}
			>
				{thread.known ? null : <Waiting />}
				<Messages thread={thread} />
				{typing ? <p class="fine typing">{t('visitor_typing')}</p> : null}
			</div>
			{thread.error === '' ? null : (
				<p class="state bad" role="alert">
					{t('chat_refused', { code: thread.error })}
				</p>
			)}
			<Composer open={open} />
			<Facts visitor={known(id, thread.visitor)} at={at} />
		</section>
	);
}

/** A visitor as last heard of. `here`: on the site at this moment. */
type Known = Visitor & { readonly here: boolean };

/**
 * What is known of the visitor whose conversation this is: from the live list while they are on the site, else what the history came
 * with. The edge sends an empty row for somebody it has nothing to say about.
 */
function known(device: string, told: Visitor | undefined): Known | undefined {
	for (const shard of shards.value) {
		const seen = shard.shown.get(device);
		if (seen !== undefined) return { ...seen, here: true };
	}
	return told === undefined || told.at === 0 ? undefined : { ...told, here: false };
}

function Messages({ thread }: { thread: Thread }) {
	let last = '';
	return (
		<>
			{thread.messages.map((message) => {
				const date = day(message.at);
				const turned = date !== last;
				last = date;
				return (
					<>
						{turned ? (
							<p key={`day${message.seq}`} class="day fine">
								{date}
							</p>
						) : null}
						<Bubble key={message.seq} message={message} />
					</>
				);
			})}
			{thread.outgoing.map((one) => (
				<div key={one.cid} class="bubble operator waiting-out">
					<p>{one.text}</p>
					<span class="fine">{t('sending')}</span>
				</div>
			))}
		</>
	);
}

function Bubble({ message }: { message: Message }) {
	const who =
		message.who === 'visitor' ? t('visitor') : message.who === 'operator' ? message.name || t('you') : t('system');
	return (
		<div class={`bubble ${message.who}`}>
			<p>{message.text}</p>
			<span class="fine">
				{who}{' '}
				<time dateTime={new Date(message.at).toISOString()} title={moment(message.at)}>
					{clock(message.at)}
				</time>
			</span>
		</div>
	);
}

function Composer({ open }: { open: OpenThread }) {
	const text = useSignal(halfWritten.get(open.id) ?? '');
	const field = useRef<HTMLTextAreaElement>(null);
	const write = (next: string) => {
		text.value = next;
		if (next === '') halfWritten.delete(open.id);
		else halfWritten.set(open.id, next);
	};
	const send = () => {
		if (open.say(text.value)) write('');
		field.current?.focus();
	};
	// The field grows with what is written; the stylesheet says how far.
	useLayoutEffect(() => {
		const { current } = field;
		if (current === null) return;
		current.style.height = 'auto';
		current.style.height = `${current.scrollHeight + 2}px`;
	}, [text.value]);
	const over = [...text.value.trim()].length - TEXT_MAX_CHARS;
	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<textarea
				ref={field}
				rows={1}
				value={text.value}
				aria-label={t('answer')}
				placeholder={t('answer_hint')}
				onInput={(event) => {
					write(event.currentTarget.value);
					if (event.currentTarget.value !== '') open.typing();
				}}
				onKeyDown={(event) => {
					if (!sends(event)) return;
					event.preventDefault();
					send();
				}}
			/>
			<button type="submit" class="primary" disabled={text.value.trim() === '' || over > 0}>
				{t('send')}
			</button>
			{over > 0 ? <p class="state bad">{t('too_long', { n: over })}</p> : null}
		</form>
	);
}

function Facts({ visitor, at }: { visitor: Known | undefined; at: number }) {
	if (visitor === undefined) {
		return (
			<aside class="facts" aria-label={t('about_visitor')}>
				<h2>{t('about_visitor')}</h2>
				<p>{t('not_here')}</p>
			</aside>
		);
	}
	const facts: [string, string][] = [
		[t('live_page'), `${visitor.title || ''} ${pathOf(visitor.page)}`.trim()],
		[t('live_last'), `${eventWord(visitor.last_event)} (${ago(visitor.at, at)})`],
		[t('live_since'), visitor.here ? lasting(at - visitor.since) : t('not_here')],
		[t('live_visits'), number(visitor.visits)],
		[t('live_purchases'), number(visitor.purchases)],
	];
	return (
		<aside class="facts" aria-label={t('about_visitor')}>
			<h2>{t('about_visitor')}</h2>
			<dl>
				{facts.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
		</aside>
	);
}
