import { primaryLanguage } from '../../shared/text.ts';

/**
 * The words a widget brings by itself; everything else is the marketer's. One table a widget family, so that a bundle carries only
 * its own. `{0}` is filled by `fill`.
 */

export const frameWords = {
	en: { close: 'Close', notice: 'Message from this site' },
	ja: { close: '閉じる', notice: 'このサイトからのお知らせ' },
};

export const couponWords = {
	en: {
		code: 'Coupon code',
		copy: 'Copy code',
		copied: 'Copied',
		copyFailed: 'Could not copy. Please select the code and copy it.',
		loading: 'Getting your code…',
		empty: 'Sorry, this coupon has run out.',
		over: 'Sorry, this coupon is no longer given out.',
		notEligible: 'This coupon cannot be used right now.',
		busy: 'Many people want this coupon just now. Please try again in a minute.',
		enough: 'No more coupons can be given out here today. Please try again tomorrow.',
		failed: 'We could not get your code. Please check your connection.',
		retry: 'Try again',
		off: '{0} off',
		minimum: 'On orders of {0} or more',
		until: 'Valid until {0}',
	},
	ja: {
		code: 'クーポンコード',
		copy: 'コードをコピー',
		copied: 'コピーしました',
		copyFailed: 'コピーできませんでした。コードを選択してコピーしてください。',
		loading: 'コードを取得しています…',
		empty: '申し訳ありません。このクーポンはすべて配布済みです。',
		over: '申し訳ありません。このクーポンは配布を終了しました。',
		notEligible: 'このクーポンは現在ご利用いただけません。',
		busy: 'ただいまクーポンの取得が集中しています。1分ほど待ってから、もう一度お試しください。',
		enough: '本日お渡しできるクーポンの枚数に達しました。明日以降にもう一度お試しください。',
		failed: 'コードを取得できませんでした。通信状況をご確認ください。',
		retry: 'もう一度試す',
		off: '{0}引き',
		minimum: '{0}以上のご注文で使えます',
		until: '{0}まで有効',
	},
};

export const chatWords = {
	en: {
		title: 'Chat with us',
		start: 'Start a chat',
		open: 'Open the chat',
		minimise: 'Minimise',
		log: 'Messages',
		field: 'Your message',
		placeholder: 'Write a message',
		hint: 'Enter to send, Shift + Enter for a new line',
		send: 'Send',
		you: 'You',
		staff: 'Staff',
		welcome: 'Ask us anything. We will answer here.',
		connecting: 'Connecting…',
		here: 'Online',
		away: 'We are away right now. Leave a message and we will answer here.',
		offline: 'You are offline. Messages go out when you are back.',
		lost: 'Connection lost. Trying again; nothing you wrote is lost.',
		sending: 'Sending…',
		waiting: 'Waiting for the connection',
		typing: '{0} is typing…',
		unread: '{0} unread',
		arrived: 'New message from {0}',
		newer: 'New messages',
		refused: 'The last message could not be delivered.',
	},
	ja: {
		title: 'チャットでご相談',
		start: 'チャットを始める',
		open: 'チャットを開く',
		minimise: '最小化',
		log: 'メッセージ一覧',
		field: 'メッセージ',
		placeholder: 'メッセージを入力',
		hint: 'Enterで送信、Shift + Enterで改行',
		send: '送信',
		you: 'あなた',
		staff: '担当者',
		welcome: 'どんなことでもお気軽にご質問ください。こちらでお答えします。',
		connecting: '接続しています…',
		here: 'オンライン',
		away: 'ただいま受付時間外です。メッセージをお送りいただければ、こちらでお返事します。',
		offline: 'オフラインです。つながり次第、送信します。',
		lost: '接続が切れました。再接続しています。入力した内容は失われません。',
		sending: '送信中…',
		waiting: '接続を待っています',
		typing: '{0}が入力しています…',
		unread: '未読{0}件',
		arrived: '{0}から新しいメッセージが届きました',
		newer: '新着メッセージ',
		refused: '直前のメッセージを送信できませんでした。',
	},
};

export const surveyWords = {
	en: {
		next: 'Next',
		send: 'Send',
		back: 'Back',
		done: 'Close',
		needed: 'Please answer this question.',
		thanks: 'Thank you for your answers.',
		tab: 'Feedback',
		hide: 'Hide this tab',
		star: '{0} star',
		stars: '{0} stars',
		nps: ['Not at all likely', 'Extremely likely'],
		csat: ['Very dissatisfied', 'Very satisfied'],
		ces: ['Strongly disagree', 'Strongly agree'],
	},
	ja: {
		next: '次へ',
		send: '送信',
		back: '戻る',
		done: '閉じる',
		needed: 'この質問にお答えください。',
		thanks: 'ご回答ありがとうございました。',
		tab: 'ご意見・ご感想',
		hide: 'このタブを隠す',
		star: '星{0}つ',
		stars: '星{0}つ',
		nps: ['まったく思わない', '非常にそう思う'],
		csat: ['とても不満', 'とても満足'],
		ces: ['まったくそう思わない', '非常にそう思う'],
	},
};

export const countdownWords = {
	en: { units: ['days', 'hours', 'min', 'sec'], left: '{0} left', ended: 'This has ended.' },
	ja: { units: ['日', '時間', '分', '秒'], left: '残り{0}', ended: '終了しました。' },
};

/** The words of `table` in `language`, else in English. */
export function wordsIn<T>(table: { readonly en: T; readonly ja: T }, language: string): T {
	return primaryLanguage(language) === 'ja' ? table.ja : table.en;
}

/** Puts `value` where `{0}` stands. */
export function fill(sentence: string, value: string): string {
	// A function, because `$&` in a replacement string would be read as a pattern.
	return sentence.replace('{0}', () => value);
}
