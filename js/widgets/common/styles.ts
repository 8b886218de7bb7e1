/**
 * The looks shared by all widgets. Sizes are in `em` of the visitor's own default size (`font-size: medium` on the host), not `rem`:
 * a site that sets its root to 62.5 % must not shrink us, a visitor who asks for larger type must get it.
 *
 * The host is fixed and empty, so that it takes no room in the page whatever the page's style sheet says about its elements;
 * `!important` inside a shadow tree wins over the page's own, `!important` or not.
 *
 * Shades come from the two theme colours by `color-mix`; a browser without it draws plain borders and full-strength text instead.
 */
export const baseStyles = `
:host{all:initial!important;position:fixed!important;inset:0 auto auto 0!important;z-index:2147483000!important}
@media print{:host{display:none!important}}
*,::before,::after{box-sizing:border-box}
.n{--bg:#fff;--fg:#211f1c;--accent:#2b3a67;--on:#fff;--radius:14px;--edge:max(16px,env(safe-area-inset-bottom));--line:color-mix(in srgb,var(--fg) 14%,transparent);--soft:color-mix(in srgb,var(--fg) 72%,var(--bg));color-scheme:light;
font:400 medium/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--fg);-webkit-text-size-adjust:100%;overflow-wrap:anywhere;text-align:start}
.n:lang(ja){font-family:system-ui,-apple-system,"Hiragino Sans","Hiragino Kaku Gothic ProN","Yu Gothic UI","Noto Sans JP","Noto Sans CJK JP",Meiryo,sans-serif;line-height:1.75;line-break:strict;word-break:auto-phrase}
@media(prefers-color-scheme:dark){.n{--bg:#1e1f23;--fg:#f2f0eb;--accent:#b4c2f2;--on:#15171f;color-scheme:dark}}
.card{position:relative;background:var(--bg);color:var(--fg);border:1px solid transparent;border-color:var(--line);border-radius:var(--radius);box-shadow:0 1px 2px #0001,0 12px 40px #0003;animation:in .22s cubic-bezier(.2,.7,.3,1)}
@keyframes in{from{opacity:0;transform:translateY(10px)}}
@media(prefers-reduced-motion:reduce){*,::before,::after{animation:none!important;transition:none!important}}
h2,p{margin:0;font:inherit}
h2{font-size:1.25em;font-weight:650;line-height:1.35;text-wrap:balance}
h2:lang(ja){line-height:1.5;font-weight:600}
p{white-space:pre-line;text-wrap:pretty}
img{display:block;max-width:100%;height:auto;border-radius:calc(var(--radius)*.6);background:var(--line)}
button,.b{all:unset;box-sizing:border-box;cursor:pointer;display:inline-flex;align-items:center;justify-content:center;min-height:44px;min-width:44px;padding:.5em 1.15em;border-radius:min(var(--radius),.7em);font-weight:600;line-height:1.35;text-align:center;max-width:100%;border:1px solid transparent;-webkit-tap-highlight-color:transparent;transition:filter .15s,background .15s}
.b1{background:var(--accent);color:var(--on)}
.b2{border-color:currentColor;border-color:var(--line)}
.b1:hover{filter:brightness(1.1)}
.b2:hover,.x:hover{background:color-mix(in srgb,var(--fg) 8%,transparent)}
:focus-visible{outline:2px solid var(--fg);outline-offset:2px}
.x{position:relative;flex:none;padding:0;border-radius:50%}
.x::before,.x::after{content:"";position:absolute;width:15px;border-top:2px solid;rotate:45deg}
.x::after{rotate:-45deg}
.acts{display:flex;flex-wrap:wrap;gap:.6em}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;

/** A dialog over the page. The dialog itself is the whole, scrollable viewport: at 400 % zoom the card outgrows the screen. */
export const modalStyles = `
dialog{all:unset;position:fixed;inset:0;width:auto;height:auto;display:grid;overflow:auto;overscroll-behavior:contain;padding:max(16px,env(safe-area-inset-top)) 16px var(--edge);background:#0f0f148c;animation:veil .2s}
dialog::backdrop{background:none}
@keyframes veil{from{background:#0000}}
.modal{margin:auto;width:100%;max-width:27em;padding:1.5em 1.6em 1.6em;display:grid;grid-template-columns:minmax(0,1fr);gap:1em}
.modal .x{position:absolute;inset-block-start:6px;inset-inline-end:6px;z-index:1}
.modal>h2{padding-inline-end:1.6em}
.modal>p{color:var(--soft)}
.modal .acts{margin-block-start:.3em}
.modal .acts>*{flex:1 1 auto}
.modal>img{width:100%}
`;

/** A card in the corner of the page, or the whole width of a phone. */
export const cornerStyles = `
.corner{position:fixed;inset-block-end:var(--edge);inset-inline-end:16px;width:min(23em,100vw - 32px);max-height:calc(100dvh - 32px);overflow:auto;overscroll-behavior:contain;padding:1.15em 1.25em 1.25em;display:grid;grid-template-columns:minmax(0,1fr);gap:.75em}
.corner .x{position:absolute;inset-block-start:4px;inset-inline-end:4px;z-index:1}
.corner>h2{font-size:1.08em;padding-inline-end:1.9em}
.corner>p{color:var(--soft)}
.corner>.x+p{padding-inline-end:1.9em}
`;

/** A strip along the top or the bottom of the screen. */
export const barStyles = `
.bar{position:fixed;inset-inline:12px;max-width:60em;margin-inline:auto;max-height:60dvh;overflow:auto;overscroll-behavior:contain;display:flex;align-items:center;gap:.5em 1.1em;padding:.55em .6em .55em 1.3em}
.top{inset-block-start:max(12px,env(safe-area-inset-top))}
.bottom{inset-block-end:max(12px,env(safe-area-inset-bottom))}
.top.card{animation-name:down}
@keyframes down{from{opacity:0;transform:translateY(-10px)}}
.say{flex:1;min-width:0;display:flex;flex-wrap:wrap;align-items:center;gap:.5em 1.1em}
.words{flex:1 1 16em}
.words h2{font-size:1em}
.words p{color:var(--soft);font-size:.94em}
.bar img{height:56px;width:auto;max-width:30%;object-fit:cover}
.bar .x{order:1;align-self:start}
@media(max-width:36em){.bar img{display:none}.bar{padding-inline-start:1em;align-items:start}.bar .acts{width:100%}.bar .acts>*{flex:1 1 auto}}
`;
