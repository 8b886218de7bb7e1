/**
 * Scales are radio buttons that fill their place, so that the browser's own focus ring goes around what is seen. What is chosen differs by
 * its border as well as by its colour, for people and systems that do not show colours.
 */
export const surveyStyles = `
.corner{width:min(25em,100vw - 32px)}
.steps,form{display:grid;grid-template-columns:minmax(0,1fr);gap:1em}
fieldset{all:unset;display:grid;grid-template-columns:minmax(0,1fr);gap:.6em;min-width:0}
legend{padding:0;font-weight:600;line-height:1.45;padding-inline-end:1.9em;margin-block-end:.6em;max-width:100%}
h2~.steps legend,.modal legend{padding-inline-end:0}
legend:focus,.thanks:focus{outline:none}
.pts{display:grid;gap:4px;grid-template-columns:repeat(5,1fr)}
.nps{grid-template-columns:repeat(6,1fr)}
.ces{grid-template-columns:repeat(7,1fr)}
.pts label{position:relative}
.pts input{appearance:none;position:absolute;inset:0;margin:0;border-radius:.6em;cursor:pointer}
.pts span{display:grid;place-items:center;min-height:44px;border:1px solid var(--fg);border-color:color-mix(in srgb,var(--fg) 50%,var(--bg));border-radius:.6em;font-weight:600;font-variant-numeric:tabular-nums}
.pts input:hover+span{background:color-mix(in srgb,var(--fg) 8%,transparent)}
.pts input:checked+span{background:var(--accent);color:var(--on);border:3px solid var(--fg)}
.stars span,.stars input:checked+span{border:0;background:none;color:var(--fg);font-size:1.9em;line-height:1}
.ends{display:flex;justify-content:space-between;gap:1.5em;font-size:.875em;color:var(--soft)}
.ends span+span{text-align:end}
.opt{display:flex;align-items:center;gap:.7em;min-height:44px;padding:.3em .8em;border:1px solid var(--fg);border-color:color-mix(in srgb,var(--fg) 50%,var(--bg));border-radius:.6em;cursor:pointer}
.opt:hover{background:color-mix(in srgb,var(--fg) 8%,transparent)}
.opt input{flex:none;width:20px;height:20px;margin:0;accent-color:var(--accent)}
.opt span{min-width:0}
textarea{all:unset;box-sizing:border-box;width:100%;min-height:5.5em;max-height:12em;overflow:auto;padding:.55em .85em;line-height:1.5;border:1px solid var(--fg);border-color:color-mix(in srgb,var(--fg) 50%,var(--bg));border-radius:.6em;white-space:pre-wrap;cursor:text}
textarea:focus-visible{outline:2px solid var(--fg);outline-offset:2px}
.err:empty{display:none}
.err{font-weight:600}
.err::before{content:"! "/""}
.steps .acts{margin:0;justify-content:end}
.steps .acts>*{flex:0 1 auto}
.tab{position:fixed;inset-block-start:50%;inset-inline-end:0;display:flex;flex-direction:column;align-items:center;max-height:80dvh;translate:0 -50%;border-end-end-radius:0;border-start-end-radius:0;overflow:hidden}
.tab .b1{writing-mode:vertical-rl;border-radius:0;padding:1.15em .5em;max-height:60dvh}
.tab .x{border-radius:0}
.tab.card{animation:none}
[hidden]{display:none!important}
@media(max-height:20em){.tab .b1{writing-mode:horizontal-tb}}
`;
