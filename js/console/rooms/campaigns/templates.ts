/** What a new campaign begins as: small, complete, and each teaching one thing the language can say. */
import type { Document } from '../../api/types.ts';
import type { Word } from '../../words/en.ts';

export interface Template {
	readonly name: Word;
	readonly about: Word;
	readonly document: Document;
}

export const TEMPLATES: readonly Template[] = [
	{
		name: 'template_linger',
		about: 'template_linger_about',
		document: {
			id: 'linger',
			name: { en: 'Lingering on a product', ja: '商品ページで迷っている方へ' },
			status: 'paused',
			audience: { 'visitor.purchases': 0 },
			trigger: { dwell: { page: { 'page.path': { $regex: '^/shop/product' } }, time: '30s' } },
			cancel: [{ on: 'purchase', hold: 'session' }],
			control: 10,
			variants: [
				{
					id: 'a',
					weight: 100,
					action: {
						kind: 'popup',
						title: { en: 'Still looking?', ja: 'お探しのものは見つかりましたか?' },
						body: { en: 'Ask us anything. We are happy to help.', ja: 'お気軽にご相談ください。' },
						buttons: [{ label: { en: 'Close', ja: '閉じる' }, action: 'close' }],
					},
				},
			],
			caps: { again: [{ after: '1d', since: 'closed' }], stop: [{ times: 3, of: 'shown', within: 'visitor' }] },
			goal: { on: 'purchase', within: '7d', value: 'value' },
		},
	},
	{
		name: 'template_cart',
		about: 'template_cart_about',
		document: {
			id: 'cart-left',
			name: { en: 'Cart left alone', ja: 'カートに入れたまま' },
			status: 'paused',
			trigger: { absent: { event: 'purchase', for: '15m', after: { on: 'add_to_cart' } } },
			cancel: [{ on: 'purchase', hold: 'session' }],
			control: 10,
			variants: [
				{
					id: 'a',
					weight: 100,
					action: {
						kind: 'bar',
						position: 'bottom',
						body: { en: 'Your cart is waiting for you.', ja: 'カートに商品が入っています。' },
						buttons: [{ label: { en: 'To the cart', ja: 'カートを見る' }, action: 'link', url: '/shop/cart/' }],
					},
				},
			],
			caps: { again: [{ after: 'session', since: 'shown' }], stop: [{ times: 3, of: 'closed', within: 'visitor' }] },
			goal: { on: 'purchase', within: '3d', value: 'value' },
		},
	},
	{
		name: 'template_compare',
		about: 'template_compare_about',
		document: {
			id: 'comparing',
			name: { en: 'Comparing products', ja: '商品を見比べている方へ' },
			status: 'paused',
			trigger: {
				all: [
					{ count: { event: 'view_item', at_least: 3, within: '10m' } },
					{ not: { on: 'add_to_cart', within: 'session' } },
				],
			},
			control: 10,
			variants: [
				{
					id: 'a',
					weight: 100,
					action: {
						kind: 'chat',
						title: { en: 'Hard to choose?', ja: 'お選びに迷っていますか?' },
						body: { en: 'Our staff can advise you.', ja: 'スタッフがご相談を承ります。' },
						buttons: [{ label: { en: 'Start a chat', ja: 'チャットで相談する' }, action: 'chat' }],
					},
				},
			],
			caps: { again: [{ after: '7d', since: 'shown' }] },
			goal: { on: 'purchase', within: '7d', value: 'value' },
		},
	},
];
