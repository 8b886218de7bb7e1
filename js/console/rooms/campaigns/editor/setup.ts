/**
 * CodeMirror as the console uses it: JSON with findings, completion from the schema, and the console's own colours.
 *
 * The editor lives in a shadow root. There its style sheets are constructed ones, which a `style-src 'self'` policy lets pass; in
 * the document itself the library would add a style element, which it does not.
 */
import {
	autocompletion,
	closeBrackets,
	closeBracketsKeymap,
	completionKeymap,
	startCompletion,
	type Completion,
	type CompletionContext,
	type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import {
	bracketMatching,
	foldGutter,
	foldKeymap,
	HighlightStyle,
	indentOnInput,
	indentUnit,
	syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
	drawSelection,
	EditorView,
	highlightActiveLine,
	highlightSpecialChars,
	hoverTooltip,
	keymap,
	lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { outline, placeAt } from './outline.ts';
import { descriptionAt, keysAt, valuesAt, type Schema } from './schema.ts';

export interface Help {
	/** The schema once it is there. */
	readonly schema: () => Schema | undefined;
	readonly language: () => string;
	/** Names that the site knows and that may stand at a place. */
	readonly names: (pointer: string) => readonly string[];
}

/** All extensions but those that depend on one editor's own state. */
export function setup(help: Help, phrases: Record<string, string>): Extension {
	return [
		EditorState.phrases.of(phrases),
		lineNumbers(),
		foldGutter(),
		highlightSpecialChars(),
		history(),
		drawSelection(),
		EditorState.allowMultipleSelections.of(true),
		indentOnInput(),
		indentUnit.of('  '),
		bracketMatching(),
		closeBrackets(),
		highlightActiveLine(),
		highlightSelectionMatches({ minSelectionLength: 2 }),
		EditorView.lineWrapping,
		json(),
		syntaxHighlighting(COLOURS),
		lintGutter(),
		search({ top: true }),
		autocompletion({ override: [(context) => complete(context, help)], icons: false }),
		hoverTooltip((view, position) => explain(view, position, help)),
		keymap.of([
			...closeBracketsKeymap,
			...completionKeymap,
			...lintKeymap,
			...searchKeymap,
			...historyKeymap,
			...foldKeymap,
			...defaultKeymap,
		]),
		LOOKS,
	];
}

function complete(context: CompletionContext, help: Help): CompletionResult | null {
	const schema = help.schema();
	if (schema === undefined) return null;
	const read = outline(context.state.doc.toString());
	const place = placeAt(read, context.pos);
	if (place === undefined) return null;
	const empty = place.range.from === place.range.to;
	if (empty && !context.explicit) return null;
	if (place.kind === 'key') {
		const written = context.state.sliceDoc(place.range.from, place.range.to).replaceAll('"', '');
		const taken = place.taken.filter((key) => key !== written);
		const options = keysAt(schema, read, place.pointer, taken, help.language()).map((key, index): Completion => {
			const name = JSON.stringify(key.name);
			return {
				label: name,
				boost: -index,
				...(key.description === '' ? {} : { info: key.description }),
				...(key.required ? { detail: '*' } : {}),
				apply: (view, _, from, to) =>
					insert(view, place.colon ? name : `${name}: ${key.template}`, place.comma ? ',' : '', from, to, !place.colon),
			};
		});
		return { from: place.range.from, to: place.range.to, options, filter: true };
	}
	const named = help.names(place.pointer).map((name) => ({ json: JSON.stringify(name), description: '' }));
	const values = [...named, ...valuesAt(schema, read, place.pointer, help.language())];
	const options = values.map((value, index): Completion => ({
		label: value.json,
		boost: -index,
		...(value.description === '' ? {} : { info: value.description }),
		apply: (view, _, from, to) => insert(view, value.json, '', from, to, false),
	}));
	return { from: place.range.from, to: place.range.to, options, filter: true };
}

/** Put text in place; the cursor goes inside a fresh pair of brackets or quotation marks, and values are offered at once. */
function insert(view: EditorView, text: string, after: string, from: number, to: number, goOn: boolean): void {
	const pair = /(?:""|\{\}|\[\])$/u.test(text);
	view.dispatch({
		changes: { from, to, insert: text + after },
		selection: { anchor: from + text.length - (pair ? 1 : 0) },
		userEvent: 'input.complete',
		scrollIntoView: true,
	});
	if (goOn) startCompletion(view);
}

function explain(view: EditorView, position: number, help: Help) {
	const schema = help.schema();
	if (schema === undefined) return null;
	const read = outline(view.state.doc.toString());
	for (const entry of read.entries.values()) {
		const range = entry.key;
		if (range === undefined || position < range.from || position > range.to) continue;
		const text = descriptionAt(schema, read, entry.pointer, help.language());
		if (text === '') return null;
		return {
			pos: range.from,
			end: range.to,
			create: () => {
				const dom = document.createElement('div');
				dom.className = 'cm-explained';
				dom.textContent = text;
				return { dom };
			},
		};
	}
	return null;
}

const COLOURS = HighlightStyle.define([
	{ tag: tags.propertyName, color: 'var(--code-key)' },
	{ tag: tags.string, color: 'var(--code-string)' },
	{ tag: tags.number, color: 'var(--code-number)' },
	{ tag: [tags.bool, tags.null], color: 'var(--code-word)' },
	{ tag: tags.separator, color: 'var(--ink-soft)' },
	{ tag: tags.invalid, color: 'var(--bad)' },
]);

const LOOKS = EditorView.theme({
	'&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--paper)', fontSize: '0.8125rem' },
	'&.cm-focused': { outline: 'none' },
	'.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65' },
	'.cm-content': { caretColor: 'var(--ink)', paddingBlock: '0.75rem' },
	'.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
	'.cm-gutters': { backgroundColor: 'var(--paper)', color: 'var(--ink-faint)', border: 'none' },
	'.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--wash)' },
	'&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
		backgroundColor: 'var(--select)',
	},
	'.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--select)', outline: 'none' },
	'.cm-selectionMatch': { backgroundColor: 'var(--wash-strong)' },
	'.cm-foldPlaceholder': { backgroundColor: 'var(--wash-strong)', border: 'none', color: 'var(--ink-soft)' },
	'.cm-panels': { backgroundColor: 'var(--ground)', color: 'var(--ink)', borderColor: 'var(--line)' },
	'.cm-panels-top': { borderBottom: '1px solid var(--line)' },
	'.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
	'.cm-textfield': { backgroundColor: 'var(--paper)', border: '1px solid var(--line-strong)', borderRadius: '4px' },
	'.cm-button': {
		backgroundImage: 'none',
		backgroundColor: 'var(--paper)',
		border: '1px solid var(--line-strong)',
		borderRadius: '4px',
	},
	'.cm-tooltip': {
		backgroundColor: 'var(--raised)',
		color: 'var(--ink)',
		border: '1px solid var(--line-strong)',
		borderRadius: '6px',
		boxShadow: 'var(--shadow)',
	},
	'.cm-tooltip.cm-completionInfo, .cm-explained': {
		fontFamily: 'var(--sans)',
		fontSize: '0.8125rem',
		lineHeight: '1.6',
		padding: '0.5rem 0.75rem',
		maxWidth: '22rem',
	},
	'.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
	'.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.6rem' },
	'.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
	'.cm-completionDetail': { color: 'inherit', fontStyle: 'normal' },
	'.cm-diagnostic': { fontFamily: 'var(--sans)', lineHeight: '1.6', padding: '0.4rem 0.75rem' },
	'.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
	'.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
	'.cm-lintRange-error': {
		backgroundImage: 'none',
		textDecoration: 'underline wavy var(--bad) 1px',
		textUnderlineOffset: '3px',
	},
	'.cm-lintRange-warning': {
		backgroundImage: 'none',
		textDecoration: 'underline wavy var(--warn) 1px',
		textUnderlineOffset: '3px',
	},
	// The library's own marks are pictures in data: addresses, which the policy does not let through.
	'.cm-lint-marker': { content: 'none', width: '0.55em', height: '0.55em', borderRadius: '50%', marginTop: '0.55em' },
	'.cm-lint-marker-error': { backgroundColor: 'var(--bad)', content: '""' },
	'.cm-lint-marker-warning': { backgroundColor: 'var(--warn)', content: '""' },
});
