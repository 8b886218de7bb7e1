/** The text of one document under the hands of its author. */
import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from './problems.ts';
import type { Schema } from './schema.ts';
import { setup } from './setup.ts';

export interface JsonEditorProps {
	/** A change of the key makes a new editor with a new history; a change of the text alone is taken over into this one. */
	readonly text: string;
	/** The text as it is at this moment. */
	readonly current: () => string | undefined;
	readonly label: string;
	readonly language: string;
	readonly schema: Schema | undefined;
	/** Names that may stand at a place because the site knows them: its calendars. */
	readonly names: (pointer: string) => readonly string[];
	readonly problems: readonly Problem[];
	readonly phrases: Record<string, string>;
	readonly onChange: (text: string) => void;
	readonly onPublish: () => void;
	/** Receives a function that puts the cursor on a place. */
	readonly jump: { current: ((from: number, to: number) => void) | undefined };
}

export function JsonEditor(props: JsonEditorProps) {
	const host = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView>(undefined);
	const latest = useRef(props);
	latest.current = props;
	const words = useRef(new Compartment());

	const wordsNow = () => [
		EditorView.contentAttributes.of({ 'aria-label': latest.current.label, lang: 'en', spellcheck: 'false' }),
		setup(
			{
				schema: () => latest.current.schema,
				language: () => latest.current.language,
				names: (pointer) => latest.current.names(pointer),
			},
			latest.current.phrases,
		),
	];

	useEffect(() => {
		if (host.current === null) return;
		const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
		const editor = new EditorView({
			root,
			parent: root,
			state: EditorState.create({
				doc: latest.current.text,
				extensions: [
					keymap.of([
						{
							key: 'Mod-s',
							run: () => {
								latest.current.onPublish();
								return true;
							},
						},
					]),
					words.current.of(wordsNow()),
					EditorView.updateListener.of((update) => {
						if (!update.docChanged) return;
						const text = update.state.doc.toString();
						if (text !== latest.current.current()) latest.current.onChange(text);
					}),
				],
			}),
		});
		view.current = editor;
		latest.current.jump.current = (from, to) => {
			const { length } = editor.state.doc;
			const anchor = Math.min(from, length);
			editor.dispatch({
				selection: { anchor, head: Math.min(to, length) },
				effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
			});
			editor.focus();
		};
		return () => {
			latest.current.jump.current = undefined;
			view.current = undefined;
			editor.destroy();
		};
	}, []);

	// An undo or a rebase wrote the text: take over what differs, so that this editor's history and cursor stay. What the person types
	// is in the store before this runs, so the store is asked, not the text of the last drawing: that one may already be old.
	useEffect(() => {
		const editor = view.current;
		if (editor === undefined) return;
		const change = difference(editor.state.doc.toString(), latest.current.current() ?? '');
		if (change !== undefined) editor.dispatch({ changes: change });
	}, [props.text]);

	useEffect(() => {
		view.current?.dispatch({ effects: words.current.reconfigure(wordsNow()) });
	}, [props.language, props.label]);

	useEffect(() => {
		const editor = view.current;
		if (editor === undefined) return;
		const { length } = editor.state.doc;
		const diagnostics = props.problems.map((problem): Diagnostic => ({
			from: Math.min(problem.from, length),
			to: Math.min(problem.to, length),
			severity: problem.level,
			message: problem.expected === '' ? problem.message : `${problem.message}\n${problem.expected}`,
			source: problem.code,
		}));
		editor.dispatch(setDiagnostics(editor.state, diagnostics));
	}, [props.problems, props.language]);

	return <div class="editor" ref={host} />;
}

/** The part that differs, as one replacement; undefined for equal texts. */
function difference(before: string, after: string): { from: number; to: number; insert: string } | undefined {
	if (before === after) return undefined;
	let from = 0;
	while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
	let tail = 0;
	const room = Math.min(before.length, after.length) - from;
	while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
	return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}
