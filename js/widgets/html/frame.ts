/**
 * What stands in the frame: the site's own HTML behind a policy of its own, and a few lines that tell its size and pass on what is pressed.
 *
 * The frame has no origin (no `allow-same-origin`), so what runs in it can read neither page, storage nor cookies; its policy lets
 * nothing out but the loading of pictures and fonts. All it can do is to say one of the sentences of `heard`.
 */

/** Enforced beside whatever the page's policy, which a `srcdoc` inherits, forbids already. */
const POLICY =
	"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src https: data:; font-src https: data:; media-src https:; form-action 'none'; base-uri 'none'";

/** Runs inside: links and `data-noren="close"` are told to the widget, Escape as well, and how high the content is. */
const INSIDE = `(()=>{
const say=(what)=>parent.postMessage({noren:what},"*");
addEventListener("click",(event)=>{
const to=event.target instanceof Element&&event.target.closest("a[href],[data-noren=close]");
if(!to)return;
event.preventDefault();
say(to.matches("[data-noren=close]")?["close"]:["link",to.getAttribute("href")]);
});
addEventListener("keydown",(event)=>{if(event.key==="Escape"&&!event.isComposing&&event.keyCode!==229)say(["escape"])});
new ResizeObserver(()=>say(["height",document.documentElement.offsetHeight])).observe(document.documentElement);
})()`;

/** The document of the frame. Only `nonce` and language are put into it here, and both are made safe for an attribute. */
export function frameDocument(html: string, language: string, direction: string, nonce: string): string {
	const safe = (text: string): string => text.replace(/[^\w+/=-]/g, '');
	const style = ':root{color-scheme:light dark}body{margin:0;font:16px/1.6 system-ui,sans-serif}';
	return `<!doctype html><html lang="${safe(language)}" dir="${safe(direction)}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><style nonce="${safe(nonce)}">${style}</style><script nonce="${safe(nonce)}">${INSIDE}</script></head><body>${html}</body></html>`;
}

/** What the frame may say. Anything else is `undefined`. */
export type Heard =
	| { readonly what: 'close' | 'escape' }
	| { readonly what: 'link'; readonly url: string }
	| { readonly what: 'height'; readonly height: number };

/** Lowest and highest frame in CSS pixels, as campaigns have them. */
const HEIGHT_MIN = 24;
const HEIGHT_MAX = 1000;

export function heard(data: unknown): Heard | undefined {
	const said = (data as { noren?: unknown } | null | undefined)?.noren;
	const [what, detail] = Array.isArray(said) ? (said as unknown[]) : [];
	if (what === 'close' || what === 'escape') return { what };
	if (what === 'link' && typeof detail === 'string') return { what, url: detail };
	if (what === 'height' && typeof detail === 'number' && Number.isFinite(detail))
		return { what, height: Math.min(Math.max(Math.ceil(detail), HEIGHT_MIN), HEIGHT_MAX) };
	return undefined;
}
