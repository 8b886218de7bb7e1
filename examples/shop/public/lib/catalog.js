/**
 * The catalogue: twelve products, four categories, and how a search reads them.
 *
 * Prices are whole yen, tax included, as a Japanese shop has to display them.
 * Tea is food and carries the reduced consumption tax; everything else the
 * standard one.
 */

/** @typedef {{ja: string, en: string}} Text One sentence in both languages of the shop. */
/** @typedef {"tea" | "ware" | "cloth" | "incense"} CategoryId */
/**
 * @typedef {object} Product
 * @property {string} id stable id, also `item_id` and the name of the picture
 * @property {CategoryId} category
 * @property {number} price yen, tax included
 * @property {8 | 10} taxPercent consumption tax contained in the price
 * @property {Text} name
 * @property {Text} lead one line for a product card
 * @property {Text} story a paragraph for the product page
 * @property {Text} size what is in the box
 * @property {Text} origin
 * @property {Text} care
 * @property {string} words further words a visitor may search for
 */

/** @type {ReadonlyArray<{id: CategoryId, name: Text, lead: Text, picture: string}>} */
export const CATEGORIES = [
	{
		id: 'tea',
		name: { ja: 'お茶', en: 'Tea' },
		lead: { ja: '毎日の一服に', en: 'For every day' },
		picture: 'sencha-100',
	},
	{
		id: 'ware',
		name: { ja: '器と茶道具', en: 'Teaware' },
		lead: { ja: '手になじむ土もの', en: 'Clay that fits the hand' },
		picture: 'kyusu-tokoname',
	},
	{
		id: 'cloth',
		name: { ja: '染めもの', en: 'Textiles' },
		lead: { ja: '藍と型染め', en: 'Indigo and stencil dye' },
		picture: 'noren-ai',
	},
	{
		id: 'incense',
		name: { ja: 'お香', en: 'Incense' },
		lead: { ja: '部屋を静かにする香り', en: 'Quiet for a room' },
		picture: 'incense-holder',
	},
];

/** @type {ReadonlyArray<Product>} */
export const PRODUCTS = [
	{
		id: 'sencha-100',
		category: 'tea',
		price: 1296,
		taxPercent: 8,
		name: { ja: '煎茶 朝霧 100g', en: 'Sencha Asagiri, 100 g' },
		lead: {
			ja: '朝霧の山でとれた、すっきりと甘い一番茶。',
			en: 'First-flush green tea from misty hills, clean and sweet.',
		},
		story: {
			ja: '霧の深い山あいの茶園で、八十八夜のころに摘んだ一番茶です。浅めに蒸して、茶葉の形と澄んだ香りを残しました。70度ほどのお湯で一分、ゆっくりお待ちください。',
			en: 'Picked around the eighty-eighth night of spring in a garden that wakes up under fog. Lightly steamed, so the leaf keeps its shape and its clear scent. Give it one minute at 70 °C.',
		},
		size: { ja: '茶缶入り 100g（約33杯分）', en: '100 g in a caddy, about 33 cups' },
		origin: { ja: '静岡県 川根', en: 'Kawane, Shizuoka' },
		care: { ja: '開封後は冷暗所で一か月以内に', en: 'Keep cool and dark, use within a month of opening' },
		words: 'green tea ocha 緑茶 日本茶 りょくちゃ せんちゃ あさぎり',
	},
	{
		id: 'hojicha-80',
		category: 'tea',
		price: 864,
		taxPercent: 8,
		name: { ja: 'ほうじ茶 夕焼け 80g', en: 'Hojicha Yuyake, 80 g' },
		lead: { ja: '浅煎りの香ばしさ。夜にもやさしい一杯。', en: 'Gently roasted and toasty; kind to the evening.' },
		story: {
			ja: '茎の多い茶葉を、砂窯で少しずつ煎り上げました。カフェインが少ないので、夕食のあとや眠る前にもどうぞ。熱湯でさっと淹れるのがおいしさのこつです。',
			en: 'Stem-rich leaves roasted in small batches over hot sand. Low in caffeine, so it suits the hour after dinner. Use boiling water and do not wait too long.',
		},
		size: { ja: '紙袋入り 80g（約26杯分）', en: '80 g in a paper bag, about 26 cups' },
		origin: { ja: '京都府 和束', en: 'Wazuka, Kyoto' },
		care: { ja: '開封後は一か月以内に', en: 'Use within a month of opening' },
		words: 'roasted tea ocha 焙じ茶 番茶 ゆうやけ',
	},
	{
		id: 'matcha-30',
		category: 'tea',
		price: 2160,
		taxPercent: 8,
		name: { ja: '抹茶 若松 30g', en: 'Matcha Wakamatsu, 30 g' },
		lead: { ja: '石臼でひいた、まろやかな薄茶用の抹茶。', en: 'Stone-ground, mellow, made for thin tea.' },
		story: {
			ja: '収穫前の三週間、覆いをかけて育てた碾茶を、石臼で一時間に40gだけひきました。茶碗に茶杓二杯、80度のお湯70mlで、泡がこまかくなるまで点ててください。',
			en: 'Leaves shaded for three weeks before harvest, then ground by stone at forty grams an hour. Two scoops, 70 ml of water at 80 °C, and whisk until the foam is fine.',
		},
		size: { ja: '棗型の缶入り 30g（約15服分）', en: '30 g in a natsume tin, about 15 bowls' },
		origin: { ja: '京都府 宇治', en: 'Uji, Kyoto' },
		care: { ja: '冷蔵庫で保存し、二週間以内に', en: 'Keep in the refrigerator, use within two weeks' },
		words: 'powdered green tea ocha 緑茶 まっちゃ わかまつ 茶道',
	},
	{
		id: 'yunomi-ai',
		category: 'ware',
		price: 2750,
		taxPercent: 10,
		name: { ja: '湯のみ 藍波', en: 'Yunomi cup, indigo waves' },
		lead: {
			ja: '手描きの青海波。両手で包みたくなる形。',
			en: 'Hand-painted waves on a cup made to be held with both hands.',
		},
		story: {
			ja: '呉須の青で、ひとつずつ手で描いています。線の太さも波の数も少しずつ違い、同じものはありません。厚みをもたせた底が、お茶を冷めにくくします。',
			en: 'Painted in cobalt, one at a time; no two have the same number of waves. A thick foot keeps the tea warm.',
		},
		size: { ja: '直径 7.5cm 高さ 9cm 容量 200ml', en: '7.5 cm across, 9 cm tall, 200 ml' },
		origin: { ja: '長崎県 波佐見', en: 'Hasami, Nagasaki' },
		care: { ja: '電子レンジ・食洗機使用可', en: 'Safe in microwave and dishwasher' },
		words: 'cup mug 湯呑み 湯呑 ゆのみ コップ 磁器 porcelain',
	},
	{
		id: 'kyusu-tokoname',
		category: 'ware',
		price: 6600,
		taxPercent: 10,
		name: { ja: '常滑焼 急須 朱泥', en: 'Tokoname kyusu teapot, red clay' },
		lead: { ja: '釉薬をかけない朱泥が、お茶の角をとります。', en: 'Unglazed red clay that rounds the taste of tea.' },
		story: {
			ja: '鉄分の多い朱泥を、ろくろで薄く挽きました。茶こしも同じ土で、注ぎ口はしずくが切れるように一本ずつ整えています。使うほどに艶が出て、手の道具になります。',
			en: 'Thrown thin from iron-rich clay, with a strainer of the same clay and a spout trimmed until it stops dripping. It grows a soft shine with use.',
		},
		size: { ja: '容量 280ml（二〜三人用）', en: '280 ml, for two or three' },
		origin: { ja: '愛知県 常滑', en: 'Tokoname, Aichi' },
		care: { ja: '洗剤を使わず、お湯ですすいで乾かす', en: 'Rinse with hot water only and let it dry' },
		words: 'teapot pot きゅうす とこなめ 陶器 pottery',
	},
	{
		id: 'chawan-kuro',
		category: 'ware',
		price: 4950,
		taxPercent: 10,
		name: { ja: '抹茶碗 黒織部', en: 'Matcha bowl, black Oribe' },
		lead: { ja: '深い黒に、抹茶の緑が映えます。', en: 'A deep black that lets the green speak.' },
		story: {
			ja: '窯から引き出して一気に冷ます「引き出し黒」。少し歪ませた口縁が、茶筅の動きと唇の当たりをやさしくします。カフェオレボウルとしてお使いの方も。',
			en: 'Pulled glowing from the kiln and cooled at once, which is what makes it black. The slightly warped rim is gentle to whisk and lip alike.',
		},
		size: { ja: '直径 12cm 高さ 7.5cm', en: '12 cm across, 7.5 cm tall' },
		origin: { ja: '岐阜県 土岐', en: 'Toki, Gifu' },
		care: { ja: '使う前にぬるま湯にくぐらせる', en: 'Warm with water before use; wash by hand' },
		words: 'tea bowl ちゃわん 茶碗 茶道 陶器 pottery',
	},
	{
		id: 'chasen',
		category: 'ware',
		price: 3300,
		taxPercent: 10,
		name: { ja: '茶筅 八十本立', en: 'Chasen whisk, 80 tines' },
		lead: { ja: '白竹から削り出した、こまかな泡の道具。', en: 'Carved from one piece of white bamboo, for fine foam.' },
		story: {
			ja: '三年寝かせた白竹を、小刀だけで八十本に割り、穂先を薄く削ります。薄茶がふんわりと泡立つ、はじめての方にも扱いやすい穂数です。',
			en: 'White bamboo, rested three years, split into eighty tines with nothing but a small knife. An easy first whisk for thin tea.',
		},
		size: { ja: '高さ 11.5cm くせ直し付き', en: '11.5 cm tall, with a shaping stand' },
		origin: { ja: '奈良県 高山', en: 'Takayama, Nara' },
		care: { ja: '水ですすぎ、くせ直しに立てて乾かす', en: 'Rinse in water and dry on the stand' },
		words: 'matcha whisk ちゃせん 茶道 竹 bamboo',
	},
	{
		id: 'noren-ai',
		category: 'cloth',
		price: 9900,
		taxPercent: 10,
		name: { ja: '麻のれん 藍三葉', en: 'Linen noren, three leaves in indigo' },
		lead: { ja: '風を通し、家の表情をつくる一枚。', en: 'Lets the breeze through and gives a doorway a face.' },
		story: {
			ja: '店の名の由来でもある、のれん。麻布を藍で八回染め、紋を白く抜きました。仕切りに、目隠しに、お店の入口に。くぐるたびに少し気持ちがあらたまります。',
			en: 'The thing we are named after. Linen dipped eight times in indigo, with the crest left white. For a doorway, a kitchen, or a shop of your own.',
		},
		size: { ja: '幅 88cm 丈 90cm', en: '88 cm wide, 90 cm long' },
		origin: { ja: '徳島県 藍住', en: 'Aizumi, Tokushima' },
		care: { ja: 'はじめの数回は単独で手洗い', en: 'Wash alone and by hand the first few times' },
		words: 'curtain 暖簾 カーテン 藍染め あいぞめ indigo linen',
	},
	{
		id: 'tenugui-seigaiha',
		category: 'cloth',
		price: 1320,
		taxPercent: 10,
		name: { ja: '手ぬぐい 青海波', en: 'Tenugui cloth, seigaiha waves' },
		lead: {
			ja: 'よく吸って、すぐ乾く。台所にも額縁にも。',
			en: 'Dries hands, wraps gifts, and looks well in a frame.',
		},
		story: {
			ja: '晒木綿を注染で染めた、裏表のない手ぬぐいです。端は切りっぱなしなので乾きが早く、使うほどやわらかくなります。',
			en: 'Bleached cotton dyed right through, so there is no wrong side. The ends are left unhemmed to dry fast, and it softens with every wash.',
		},
		size: { ja: '35cm × 90cm 綿100%', en: '35 × 90 cm, 100 % cotton' },
		origin: { ja: '東京都 江戸川', en: 'Edogawa, Tokyo' },
		care: { ja: 'はじめは色が出るので別洗い', en: 'Wash separately at first' },
		words: 'towel 手拭い てぬぐい タオル せいがいは cotton',
	},
	{
		id: 'furoshiki-asanoha',
		category: 'cloth',
		price: 2420,
		taxPercent: 10,
		name: { ja: '風呂敷 麻の葉', en: 'Furoshiki wrap, hemp leaf' },
		lead: {
			ja: '贈りものにも、かばんにもなる七十センチ。',
			en: 'Seventy centimetres: gift wrap today, a bag tomorrow.',
		},
		story: {
			ja: '魔よけと成長を願う麻の葉文様を、柿色で染めました。お弁当、一升瓶、急なお買いもの。結び方のしおりを添えてお届けします。',
			en: 'The hemp-leaf pattern wishes a child to grow straight. Wraps a lunch, a bottle, or a gift; comes with a leaflet of knots.',
		},
		size: { ja: '70cm × 70cm 綿100%', en: '70 × 70 cm, 100 % cotton' },
		origin: { ja: '京都府 京都市', en: 'Kyoto' },
		care: { ja: 'ネットに入れて洗濯機可', en: 'Machine wash in a net' },
		words: 'wrapping cloth ふろしき ラッピング あさのは cotton gift ギフト',
	},
	{
		id: 'incense-hinoki',
		category: 'incense',
		price: 1540,
		taxPercent: 10,
		name: { ja: 'お香 檜の森 30本', en: 'Hinoki forest incense, 30 sticks' },
		lead: { ja: '雨あがりの檜林を歩くような香り。', en: 'A walk through cypress after rain.' },
		story: {
			ja: '木曽檜の端材から生まれた、煙の少ないお香です。化学香料は使っていません。一本で約25分、本を一章読むあいだ香ります。',
			en: 'Made from Kiso cypress offcuts, with little smoke and no synthetic scent. One stick lasts 25 minutes, about a chapter.',
		},
		size: { ja: '長さ 13.5cm 30本入り', en: '30 sticks of 13.5 cm' },
		origin: { ja: '兵庫県 淡路島', en: 'Awaji Island, Hyogo' },
		care: { ja: '湿気を避けて保存', en: 'Keep dry' },
		words: 'ひのき 線香 アロマ cypress aroma',
	},
	{
		id: 'incense-holder',
		category: 'incense',
		price: 1980,
		taxPercent: 10,
		name: { ja: '香皿 月白', en: 'Incense dish, moon white' },
		lead: { ja: '灰を受ける小さな庭。', en: 'A small garden that catches the ash.' },
		story: {
			ja: '青磁の皿に白い砂を敷き、丸い香立てを置きました。砂の模様は、付属の木べらで好きなように。お香三本をお付けします。',
			en: 'A celadon dish with white sand and a round stand. Rake the sand as you like with the wooden comb; three sticks are included.',
		},
		size: { ja: '直径 14cm 香立て・砂・木べら付き', en: '14 cm across, with stand, sand and comb' },
		origin: { ja: '佐賀県 有田', en: 'Arita, Saga' },
		care: { ja: 'やわらかい布で拭く', en: 'Wipe with a soft cloth' },
		words: '香立て お香立て こうざら holder ceramic 陶器',
	},
];

/** What the front page puts first. */
export const FEATURED = ['sencha-100', 'noren-ai', 'yunomi-ai', 'incense-hinoki'];

/**
 * The product with this id, or `undefined`: ids come from the address bar.
 * @param {string | null} id
 * @returns {Product | undefined}
 */
export function findProduct(id) {
	return PRODUCTS.find((product) => product.id === id);
}

/**
 * @param {string | null} id
 */
export function findCategory(id) {
	return CATEGORIES.find((category) => category.id === id);
}

/**
 * Up to `limit` other products, its own category first.
 * @param {Product} product
 * @param {number} limit
 */
export function related(product, limit) {
	const others = PRODUCTS.filter((other) => other.id !== product.id);
	const near = others.filter((other) => other.category === product.category);
	const far = others.filter((other) => other.category !== product.category);
	return [...near, ...far].slice(0, limit);
}

/**
 * Folds what people type differently but mean alike: width, case, and the two
 * kana alphabets (katakana U+30A1..U+30F6 sits 0x60 above hiragana).
 * @param {string} text
 */
export function fold(text) {
	return text
		.normalize('NFKC')
		.toLowerCase()
		.replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

/**
 * Products that contain every word of the query, best first: a hit in the name
 * counts before one in the description. An empty query finds nothing.
 * @param {string} query
 * @returns {Product[]}
 */
export function search(query) {
	const words = fold(query).split(/\s+/).filter(Boolean);
	if (words.length === 0) return [];
	const scored = PRODUCTS.map((product, order) => {
		const name = fold(`${product.id} ${product.name.ja} ${product.name.en}`);
		const category = findCategory(product.category);
		const rest = fold(
			[product.lead, product.story, category?.name ?? { ja: '', en: '' }]
				.map((text) => `${text.ja} ${text.en}`)
				.join(' ') + ` ${product.words}`,
		);
		const all = words.every((word) => name.includes(word) || rest.includes(word));
		const score = words.filter((word) => name.includes(word)).length;
		return { product, order, all, score };
	});
	return scored
		.filter((hit) => hit.all)
		.sort((a, b) => b.score - a.score || a.order - b.order)
		.map((hit) => hit.product);
}
