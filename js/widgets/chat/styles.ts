/** `--kb` is the height of a touch keyboard, which covers fixed elements in some browsers. */
export const chatStyles = `
.panel{position:fixed;inset-block-end:calc(var(--edge) + var(--kb,0px));inset-inline-end:16px;width:min(24em,100vw - 32px);height:min(36em,100dvh - 32px - var(--kb,0px));display:flex;flex-direction:column;overflow:hidden}
.head{display:flex;align-items:center;padding:.5em .4em .5em 1.1em;border-bottom:1px solid transparent;border-color:var(--line)}
.head>div{flex:1;min-width:0}
.head h2{font-size:1.05em}
.state{font-size:.8125em;line-height:1.5;color:var(--soft)}
.min::before{rotate:none}
.min::after{content:none}
.log{flex:1;min-height:3em;overflow:auto;overscroll-behavior:contain;padding:1em 1.1em .4em;outline-offset:-3px}
.log ol{all:unset;display:flex;flex-direction:column;gap:.6em}
.log li{all:unset;display:grid;gap:.1em;max-width:85%;align-self:start}
.log .me{align-self:end;justify-items:end}
.log .note{align-self:center;text-align:center;color:var(--soft);font-size:.875em}
.say{padding:.5em .85em;word-break:normal;border-radius:1.1em;border-end-start-radius:.3em;background:color-mix(in srgb,var(--fg) 9%,var(--bg));white-space:pre-wrap;text-wrap:wrap;line-height:1.5}
.me .say{border-radius:1.1em;border-end-end-radius:.3em;background:var(--accent);color:var(--on)}
.note .say{background:none;padding:0}
.say a{color:inherit;text-underline-offset:.15em}
.meta{font-size:.75em;color:var(--soft);padding-inline:.3em}
.hello{color:var(--soft);margin-block-end:1em}
.live{min-height:1.7em;padding:0 1.1em;font-size:.8125em;color:var(--soft)}
.newer{align-self:center;position:absolute;inset-block-end:7.5em;box-shadow:0 2px 12px #0004}
.write{display:flex;align-items:end;gap:.5em;padding:.25em .6em .6em}
.write textarea{all:unset;box-sizing:border-box;flex:1;min-width:0;min-height:44px;max-height:8.5em;overflow:auto;padding:.55em .85em;line-height:1.5;border:1px solid transparent;border-color:color-mix(in srgb,var(--fg) 45%,transparent);border-radius:1.1em;white-space:pre-wrap;cursor:text}
.write textarea::placeholder{color:var(--soft);opacity:1}
.write textarea:focus-visible{outline:2px solid var(--fg);outline-offset:0}
.write .b1{border-radius:1.1em}
.launch{position:fixed;inset-block-end:var(--edge);inset-inline-end:16px;width:56px;height:56px;padding:0;border-radius:50%;box-shadow:0 4px 18px #0004}
.launch::before{content:"";width:24px;height:18px;border:2px solid;border-radius:6px;border-end-start-radius:0}
.count{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:1.6em;padding:0 .35em;border-radius:1em;background:#b3261e;color:#fff;font-size:.8125em;line-height:1.7}
[hidden]{display:none!important}
@media(max-width:30em){.panel{inset:0 0 var(--kb,0px);width:auto;height:auto;border-radius:0;border:0;padding-block-end:env(safe-area-inset-bottom)}}
`;
