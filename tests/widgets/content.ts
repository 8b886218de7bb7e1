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
