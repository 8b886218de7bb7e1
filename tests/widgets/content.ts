/** Campaign contents that several tests show. */
import type { Content } from '../../js/shared/widget.ts';

export const MESSAGE: Omit<Content, 'kind'> = {
	title: { en: 'Still looking?', ja: 'お探しですか?' },
	body: { en: 'Tell us how you drink it.', ja: '普段の飲み方をお聞かせください。' },
	image: { src: '/picture.svg', alt: { en: 'Tea fields', ja: '茶畑' }, width: 640, height: 280 },
	buttons: [
		{ label: { en: 'Choose with us', ja: '一緒に選ぶ' }, action: 'link', url: '#tea' },
		{ label: { en: 'No, thank you', ja: '今回は見送る' }, action: 'close' },
	],
};

export const COUPON_TEXT: Omit<Content, 'kind'> = {
	title: { en: 'For you', ja: 'お使いください' },
	body: { en: 'Thank you for your time.', ja: 'ごゆっくりご覧いただき、ありがとうございます。' },
	coupon: { pool: 'welcome' },
};

export const COUPON = {
	ok: true,
	code: 'TEA-7K2P',
	expires: Date.UTC(2030, 10, 30, 12, 0),
	terms: { kind: 'amount', value: 500, currency: 'JPY', minimum: 3000 },
} as const;

/** What a hostile field may hold; it must come out letter by letter. */
export const HOSTILE = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>&lt;b&gt; "'\`{{traits.name|<i>nobody</i>}}`;

export const SURVEY: Omit<Content, 'kind'> = {
	title: { en: 'A short question', ja: '少しだけお聞かせください' },
	thanks: { en: 'Thank you, that helps.', ja: 'ご協力ありがとうございました。' },
	survey: {
		id: 'visit',
		questions: [
			{
				name: 'nps',
				type: 'nps',
				ask: { en: 'How likely are you to recommend us?', ja: '当店を人に薦めたいと思いますか?' },
				required: true,
				next: [{ at_least: 9, go: 'taste' }],
			},
			{ name: 'why', type: 'text', ask: { en: 'What should be better?', ja: '改善してほしい点は?' } },
			{
				name: 'taste',
				type: 'choice',
				many: true,
				ask: { en: 'What do you drink?', ja: 'よく飲むお茶は?' },
				options: [
					{ value: 'green', label: { en: 'Green tea', ja: '緑茶' } },
					{ value: 'black', label: { en: 'Black tea', ja: '紅茶' } },
				],
			},
			{ name: 'stars', type: 'stars', ask: { en: 'How was the page?', ja: 'このページはいかがでしたか?' } },
		],
	},
};

export const COUNTDOWN: Omit<Content, 'kind'> = {
	title: { en: 'Free delivery today', ja: '本日送料無料' },
	body: { en: 'On every order.', ja: 'すべてのご注文が対象です。' },
	countdown: { minutes: 90, name: 'delivery' },
	buttons: [{ label: { en: 'See teas', ja: 'お茶を見る' }, action: 'link', url: '#tea' }],
};

export const ITEMS: Omit<Content, 'kind'> = {
	title: { en: 'Goes well with it', ja: 'ご一緒にいかがですか' },
	items: [
		{
			title: { en: 'Cup', ja: '湯呑み' },
			url: '/cup',
			price: 1200,
			currency: 'JPY',
			note: { en: 'Made in Mino', ja: '美濃焼' },
			image: { src: '/picture.svg', alt: '', width: 640, height: 280 },
		},
		{ title: { en: 'Tin', ja: '茶筒' }, url: '/tin', price: 2400, currency: 'JPY' },
		{ title: { en: 'Spoon', ja: '茶さじ' }, url: '/spoon', price: 600, currency: 'JPY' },
	],
};

export const PROOF: Omit<Content, 'kind'> = {
	title: { en: '{{count}} sold this week', ja: '今週{{count}}個売れました' },
	count: { from: '#sold', minimum: 100 },
};
