/**
 * What a visitor would see, shown over the console by the same widgets, from the text as it stands. Nothing is counted, sent or kept:
 * the widgets get a context that plays an agent and an edge. Texts are filled as for a visitor of whom nothing is known, so that the
 * words that stand in for a name are seen.
 */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { fillText, pickText } from '../../../shared/text.ts';
import type { CloseReason, Content, Mount, WidgetContext, WidgetHandle } from '../../../shared/widget.ts';
import { mount as bar } from '../../../widgets/bar/main.ts';
import { mount as chat } from '../../../widgets/chat/main.ts';
import { mount as countdown } from '../../../widgets/countdown/main.ts';
import { mount as coupon } from '../../../widgets/coupon/main.ts';
import { mount as html } from '../../../widgets/html/main.ts';
import { mount as inline } from '../../../widgets/inline/main.ts';
import { mount as popup } from '../../../widgets/popup/main.ts';
import { mount as proof } from '../../../widgets/proof/main.ts';
import { mount as recommend } from '../../../widgets/recommend/main.ts';
import { mount as slide } from '../../../widgets/slide/main.ts';
import { mount as survey } from '../../../widgets/survey/main.ts';
import { language } from '../../app/prefs.ts';
import { t } from '../../words/index.ts';
import { contentOf, languagesOf, PLACE, variantsOf } from './preview.ts';

const WIDGETS: Readonly<Record<string, Mount>> = {
	bar,
	chat,
	countdown,
	coupon,
	html,
	inline,
	popup,
	proof,
	recommend,
	slide,
	survey,
};

/** The number that stands for the page's: as high as a least can be asked for. */
const SAMPLE_COUNT = 10_000;

export function Preview({ document }: { document: unknown }) {
	const variants = useMemo(() => variantsOf(document), [document]);
	const languages = useMemo(() => languagesOf(document), [document]);
	const spoken = useSignal<string>(language.value);
	const failed = useSignal(false);
	const shown = useRef<WidgetHandle>(undefined);
	useEffect(() => () => shown.current?.close('shutdown'), []);
	if (variants.length === 0) return null;

	const show = (content: Content) => {
		shown.current?.close('shutdown');
		failed.value = false;
		try {
			shown.current = open(content, spoken.value, () => (shown.current = undefined));
		} catch {
			failed.value = true;
		}
	};
	return (
		<section aria-labelledby="preview-head">
			<h2 id="preview-head">{t('preview_head')}</h2>
			<p class="preview-tools">
				<label>
					{t('preview_language')}{' '}
					<select value={spoken.value} onChange={(event) => (spoken.value = event.currentTarget.value)}>
						{[...new Set([language.value, ...languages])].map((tag) => (
							<option key={tag} value={tag}>
								{tag}
							</option>
						))}
					</select>
				</label>
				{variants.map(({ id, content }) => (
					<button key={id} type="button" class="quiet" onClick={() => show(content)}>
						{t('preview_show', { name: id })}
					</button>
				))}
			</p>
			<div id={PLACE.slice(1)} data-count={SAMPLE_COUNT} />
			<p role="status">{failed.value ? t('preview_failed') : ''}</p>
		</section>
	);
}

/** Shows it; throws what the widget throws where a visitor would not see it either. */
function open(written: Content, spoken: string, closed: () => void): WidgetHandle {
	const content = contentOf(written);
	const mount = Object.hasOwn(WIDGETS, content.kind) ? WIDGETS[content.kind] : undefined;
	if (mount === undefined) throw new Error('no such widget');
	const host = window.document.createElement('div');
	const memory = new Map<string, string>();
	const context: WidgetContext = {
		language: spoken,
		nonce: '',
		text: (text) => fillText(pickText(text, spoken), () => undefined),
		painted() {},
		clicked() {},
		answered() {},
		closed(_: CloseReason) {
			host.remove();
			closed();
		},
		openChat() {},
		coupon: () => Promise.resolve({ ok: true, code: 'PREVIEW' }),
		chatSocket: silentSocket,
		memory(name, value) {
			if (value !== undefined) memory.set(name, value);
			return memory.get(name);
		},
	};
	window.document.body.append(host);
	// As a page that keeps the room for what stands in it.
	const place = window.document.querySelector<HTMLElement>(PLACE);
	if (place) place.style.minHeight = content.slot ? `${content.slot.height}px` : '';
	try {
		return mount(host.attachShadow({ mode: 'open' }), content, context);
	} catch (error) {
		host.remove();
		throw error;
	}
}

/** A line on which nobody answers. */
function silentSocket(): WebSocket {
	return Object.assign(new EventTarget(), { readyState: 0, send() {}, close() {} }) as unknown as WebSocket;
}
