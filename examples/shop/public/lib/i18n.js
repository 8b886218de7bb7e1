/**
 * The shop's two languages. Every string a visitor can read stands here or in
 * the catalogue, in Japanese and in English; a test proves that no key is
 * missing on either side and that both name the same placeholders.
 */

/** @typedef {"ja" | "en"} Lang */
/** @typedef {keyof typeof MESSAGES.ja} MessageKey */

/** @type {readonly Lang[]} */
export const LANGUAGES = ['ja', 'en'];

export const MESSAGES = {
	ja: {
		shop: '暖簾堂',
		shopLine: 'お茶と手仕事の店',
		skip: '本文へ',
		language: '言語',
		nav: '商品カテゴリー',
		all: 'すべての商品',
		about: '店のこと',
		home: 'ホーム',
		search: 'さがす',
		searchLabel: '商品をさがす',
		searchHint: '煎茶、湯のみ、贈りもの',
		cart: 'カート',
		cartCount: 'カート {n}点',
		footerHonest: 'これはデモショップです。注文してもお金は動かず、商品も届きません。',
		footerPrivacy: '入力した住所などは、この画面の中だけで使われ、どこにも送られません。',

		heroTitle: 'のれんの向こうに、いい一服。',
		heroText: '産地をたずねて選んだお茶と、長く使える道具。小さな店の棚から、暮らしにひとつ。',
		heroAction: '棚をのぞく',
		featured: '今月のおすすめ',
		seeAll: 'すべて見る',
		categories: '棚からえらぶ',
		promiseTitle: '暖簾堂のこころがけ',
		promise1: '顔の見える産地',
		promise1Text: '茶園も窯元も、店主が歩いてたずねたところだけ。',
		promise2: '少しずつ、新しく',
		promise2Text: 'お茶は月に二度、飲みきれる量だけ仕入れます。',
		promise3: 'ていねいな荷づくり',
		promise3Text: '割れものは和紙で包み、箱の中で動かないように。',

		listLead: '{n}点の商品',
		filter: 'カテゴリーで絞る',
		noCategory: 'お探しのカテゴリーは見つかりませんでした。すべての商品をご覧ください。',
		searchTitle: '「{q}」の検索結果',
		searchEmptyTitle: '商品をさがす',
		searchEmpty: '気になる言葉を入れてください。',
		searchFound: '{n}点見つかりました',
		searchNone: '「{q}」に合う商品は見つかりませんでした。別の言葉でお試しください。',
		searchIdeas: 'よくさがされる言葉',
		idea1: '煎茶',
		idea2: '急須',
		idea3: '藍',
		idea4: '香り',

		taxIncluded: '税込',
		quantity: '数量',
		fewer: 'ひとつ減らす',
		more: 'ひとつ増やす',
		addToCart: 'カートに入れる',
		added: '{name} をカートに入れました。',
		addedNone: '{name} は一度に{max}点までです。',
		toCart: 'カートを見る',
		size: '内容・寸法',
		origin: '産地',
		care: 'お手入れ・保存',
		deliveryNote: '{free}以上のお買い上げで送料無料。二、三日でお届けします。',
		related: 'いっしょにいかがですか',
		noProductTitle: '商品が見つかりません',
		noProduct: 'アドレスが変わったか、取り扱いが終わった商品です。',
		breadcrumb: '現在位置',

		cartTitle: 'カート',
		cartEmpty: 'カートはまだ空です。',
		cartEmptyAction: '商品を見る',
		remove: '取り除く',
		removeNamed: '{name} を取り除く',
		removed: '{name} を取り除きました。',
		unitPrice: '単価 {price}',
		subtotal: '小計',
		shipping: '送料',
		shippingFree: '無料',
		discount: '割引',
		total: '合計',
		includedTax: 'うち消費税 {tax}',
		freeShippingIn: 'あと{amount}で送料無料です。',
		freeShippingReached: '送料無料でお届けします。',
		checkout: 'レジへ進む',
		keepShopping: '買い物を続ける',
		summary: 'ご注文内容',

		checkoutTitle: 'レジ',
		stepDelivery: 'お届け先',
		stepPayment: 'お支払い',
		stepReview: '確認',
		stepOf: '{n} / 3',
		edit: '変更する',
		sample: '見本の内容を入れる',
		name: 'お名前',
		email: 'メールアドレス',
		postal: '郵便番号',
		address: 'ご住所',
		shippingMethod: 'お届け方法',
		standard: '通常便（二、三日）',
		express: 'お急ぎ便（翌日）',
		toPayment: 'お支払いへ進む',
		paymentMethod: 'お支払い方法',
		card: 'クレジットカード',
		cardNote: 'デモのため、カード番号はうかがいません。',
		konbini: 'コンビニ払い',
		konbiniNote: '払込番号は発行されません。',
		cash: '代金引換',
		cashNote: '手数料はいただきません。',
		toReview: '内容を確認する',
		reviewText: '内容をお確かめのうえ、注文を確定してください。',
		placeOrder: '注文を確定する',
		placing: '確定しています…',
		errorName: 'お名前を入力してください。',
		errorEmail: 'メールアドレスの形をお確かめください（例：hana@example.com）。',
		errorPostal: '郵便番号は7桁の数字で入力してください（例：604-8005）。',
		errorAddress: 'ご住所を入力してください。',

		couponLabel: 'クーポンコード',
		couponApply: '使う',
		couponChecking: '確かめています…',
		couponApplied: 'クーポンを適用しました。',
		couponRemove: 'クーポンを外す',
		couponRemoved: 'クーポンを外しました。',
		couponEmpty: 'クーポンコードを入力してください。',
		couponUnknown: 'このクーポンコードは見つかりません。入力をお確かめください。',
		couponUsed: 'このクーポンはすでに使われています。',
		couponExpired: 'このクーポンの有効期限は過ぎています。',
		couponUnavailable:
			'いまクーポンを確かめられません。少し待ってもう一度お試しいただくか、クーポンなしでお進みください。',
		couponNotRedeemed:
			'クーポンを確定できなかったため、注文は行われていません。もう一度お試しいただくか、クーポンを外してください。',

		completeTitle: 'ご注文ありがとうございました',
		completeText: '心をこめてお包みします。（デモのため、実際には発送されません）',
		orderNumber: 'ご注文番号',
		orderMissingTitle: 'ご注文が見つかりません',
		orderMissing: '注文番号が違うか、別のブラウザでのご注文です。',
		backHome: 'ホームへ戻る',

		aboutTitle: '店のこと',
		aboutText1:
			'暖簾堂は、お茶と手仕事の道具をあつかう、架空の小さな店です。のれんは「開いています」というしるし。奥では店主が、入ってきた人の様子にそっと気を配っています。',
		aboutText2:
			'この店は、サイトに来た人へのちょうどよい声かけを試すための見本です。商品も産地の話も、すべて作りものです。',
		aboutEvents: '店の裏側',
		aboutEventsText:
			'閲覧、カート、注文のできごとは、ふつうの店と同じようにGA4の形式で dataLayer に送られます。店そのものは、それ以外の仕組みを知りません。',
	},
	en: {
		shop: 'Norendo',
		shopLine: 'Tea and handcraft',
		skip: 'Skip to content',
		language: 'Language',
		nav: 'Product categories',
		all: 'All products',
		about: 'About us',
		home: 'Home',
		search: 'Search',
		searchLabel: 'Search products',
		searchHint: 'sencha, cup, gift',
		cart: 'Cart',
		cartCount: 'Cart, {n} items',
		footerHonest: 'This is a demo shop. No money moves and nothing will be delivered.',
		footerPrivacy: 'The address you type is used on this screen only and is sent nowhere.',

		heroTitle: 'Behind the curtain, a good cup of tea.',
		heroText:
			'Teas chosen where they grow, and tools that last. One good thing at a time, from the shelves of a small shop.',
		heroAction: 'Look at the shelves',
		featured: 'This month’s picks',
		seeAll: 'See all',
		categories: 'Choose a shelf',
		promiseTitle: 'How we keep shop',
		promise1: 'Places we know',
		promise1Text: 'Every garden and kiln is one the shopkeeper has walked to.',
		promise2: 'Little and fresh',
		promise2Text: 'Tea arrives twice a month, only as much as will be drunk.',
		promise3: 'Packed with care',
		promise3Text: 'Breakables travel in washi paper and do not rattle.',

		listLead: '{n} products',
		filter: 'Filter by category',
		noCategory: 'We have no such category. Here is everything we have.',
		searchTitle: 'Results for “{q}”',
		searchEmptyTitle: 'Search products',
		searchEmpty: 'Type a word to look for.',
		searchFound: '{n} found',
		searchNone: 'Nothing matches “{q}”. Try another word.',
		searchIdeas: 'People often look for',
		idea1: 'sencha',
		idea2: 'teapot',
		idea3: 'indigo',
		idea4: 'gift',

		taxIncluded: 'tax included',
		quantity: 'Quantity',
		fewer: 'One fewer',
		more: 'One more',
		addToCart: 'Add to cart',
		added: '{name} is in your cart.',
		addedNone: 'You can order up to {max} of {name} at a time.',
		toCart: 'View cart',
		size: 'Contents and size',
		origin: 'Made in',
		care: 'Care',
		deliveryNote: 'Free delivery from {free}. Arrives in two or three days.',
		related: 'Goes well with it',
		noProductTitle: 'Product not found',
		noProduct: 'The address has changed, or we no longer carry it.',
		breadcrumb: 'You are here',

		cartTitle: 'Cart',
		cartEmpty: 'Your cart is still empty.',
		cartEmptyAction: 'See the products',
		remove: 'Remove',
		removeNamed: 'Remove {name}',
		removed: '{name} was removed.',
		unitPrice: '{price} each',
		subtotal: 'Subtotal',
		shipping: 'Delivery',
		shippingFree: 'Free',
		discount: 'Discount',
		total: 'Total',
		includedTax: 'of which tax {tax}',
		freeShippingIn: '{amount} more for free delivery.',
		freeShippingReached: 'Delivery is free.',
		checkout: 'Go to checkout',
		keepShopping: 'Keep shopping',
		summary: 'Your order',

		checkoutTitle: 'Checkout',
		stepDelivery: 'Delivery',
		stepPayment: 'Payment',
		stepReview: 'Review',
		stepOf: '{n} of 3',
		edit: 'Change',
		sample: 'Fill in an example',
		name: 'Name',
		email: 'E-mail',
		postal: 'Postal code',
		address: 'Address',
		shippingMethod: 'Delivery method',
		standard: 'Standard (two or three days)',
		express: 'Express (next day)',
		toPayment: 'Continue to payment',
		paymentMethod: 'Payment method',
		card: 'Credit card',
		cardNote: 'This is a demo: we do not ask for a card number.',
		konbini: 'Convenience store',
		konbiniNote: 'No payment number is issued.',
		cash: 'Cash on delivery',
		cashNote: 'No extra fee.',
		toReview: 'Review the order',
		reviewText: 'Please check your order, then place it.',
		placeOrder: 'Place the order',
		placing: 'Placing the order…',
		errorName: 'Please enter your name.',
		errorEmail: 'Please check the e-mail address, for example hana@example.com.',
		errorPostal: 'Please enter seven digits, for example 604-8005.',
		errorAddress: 'Please enter your address.',

		couponLabel: 'Coupon code',
		couponApply: 'Apply',
		couponChecking: 'Checking…',
		couponApplied: 'The coupon is applied.',
		couponRemove: 'Remove the coupon',
		couponRemoved: 'The coupon was removed.',
		couponEmpty: 'Please enter a coupon code.',
		couponUnknown: 'We do not know this coupon code. Please check the spelling.',
		couponUsed: 'This coupon has already been used.',
		couponExpired: 'This coupon has expired.',
		couponUnavailable: 'We cannot check coupons right now. Try again in a moment, or go on without one.',
		couponNotRedeemed: 'The coupon could not be confirmed, so no order was placed. Try again, or remove the coupon.',

		completeTitle: 'Thank you for your order',
		completeText: 'We will wrap it with care. (A demo: nothing will really be sent.)',
		orderNumber: 'Order number',
		orderMissingTitle: 'Order not found',
		orderMissing: 'The number is wrong, or the order was made in another browser.',
		backHome: 'Back to the front page',

		aboutTitle: 'About us',
		aboutText1:
			'Norendo is a small, imaginary shop for tea and handmade things. A noren, the curtain at a shop’s door, says “we are open”; behind it the shopkeeper quietly notices who comes in.',
		aboutText2:
			'It exists to try out the right word at the right moment on a web site. The products and the places they come from are made up.',
		aboutEvents: 'Behind the counter',
		aboutEventsText:
			'Views, carts and orders are pushed to dataLayer in GA4’s format, as any shop does. The shop itself knows of nothing else.',
	},
};

/**
 * The language to start in: `?lang=` wins, then what the visitor chose before,
 * then the first of the browser's languages that the shop speaks. Others get
 * English.
 * @param {{query: string | null, stored: string | null, browser: readonly string[]}} known
 * @returns {Lang}
 */
export function chooseLanguage({ query, stored, browser }) {
	for (const wish of [query, stored, ...browser]) {
		const base = wish?.toLowerCase().split('-')[0];
		const found = LANGUAGES.find((lang) => lang === base);
		if (found) return found;
	}
	return 'en';
}

/**
 * A message with its `{placeholders}` filled in. Values are put in as text;
 * nothing the shop does turns a message into markup.
 * @param {Lang} lang
 * @param {MessageKey} key
 * @param {Record<string, string | number>} [values]
 */
export function message(lang, key, values = {}) {
	return MESSAGES[lang][key].replace(/\{(\w+)\}/g, (whole, name) => {
		const value = values[name];
		return value === undefined ? whole : String(value);
	});
}

/**
 * Yen as people of that language write them.
 * @param {Lang} lang
 * @param {number} yen
 */
export function money(lang, yen) {
	return new Intl.NumberFormat(lang === 'ja' ? 'ja-JP' : 'en-US', {
		style: 'currency',
		currency: 'JPY',
	}).format(yen);
}
