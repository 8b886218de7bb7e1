/** CodeMirror's own words in the console's language; its English is its own. */
import { language } from '../../../app/prefs.ts';

const JAPANESE: Record<string, string> = {
	'Control character': '制御文字',
	'Fold line': '行を折りたたむ',
	'Unfold line': '行を展開する',
	'Folded lines': '折りたたんだ行',
	'Unfolded lines': '展開した行',
	to: 'から',
	'folded code': '折りたたみ',
	unfold: '展開する',
	Find: '検索',
	Replace: '置換',
	next: '次へ',
	previous: '前へ',
	all: 'すべて',
	'match case': '大文字と小文字を区別',
	regexp: '正規表現',
	'by word': '単語単位',
	replace: '置換',
	'replace all': 'すべて置換',
	close: '閉じる',
	'current match': '現在の一致',
	'replaced $ matches': '$ 件を置換しました',
	'replaced match on line $': '$ 行目を置換しました',
	'on line': '行',
	'Go to line': '行へ移動',
	go: '移動',
	Diagnostics: '指摘',
	'No diagnostics': '指摘はありません',
	Completions: '入力候補',
};

export function phrases(): Record<string, string> {
	return language.value === 'ja' ? JAPANESE : {};
}
