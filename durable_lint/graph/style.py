"""How the HTML page looks, by light and in the dark."""

STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #0f172a; --soft: #526076; --line: #64748b; --rule: #d8dee8;
  --card: #f8fafc; --blue: #2563eb; --blue-fill: #eaf2ff; --violet: #7c3aed; --violet-fill: #f3edff; --red: #c81e1e;
  --red-fill: #fdecec; --amber: #a75a00; --amber-fill: #fff4d6; --frame: rgba(37, 99, 235, .035); }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1219; --ink: #e6ebf3; --soft: #9aa8bd; --line: #8291a8; --rule: #2b3648; --card: #161d28; --blue:
    #6ea8ff; --blue-fill: #14233d; --violet: #b294ff; --violet-fill: #231a3d; --red: #ff8a8a; --red-fill: #3a1719;
    --amber: #f5b84b; --amber-fill: #33260d; --frame: rgba(110, 168, 255, .05); }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem; background: var(--page); color: var(--ink); font: 15px/1.5
  system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code, .place { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size:
  .87em; }
.place, .counts { color: var(--soft); overflow-wrap: anywhere; }
.counts { margin: .25rem 0 1rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
a { color: var(--blue); }
section + section { border-top: 1px solid var(--rule); margin-top: 3rem; padding-top: 2rem; }
figure { margin: 0; overflow: auto; border: 1px solid var(--rule); border-radius: 10px; }
svg { display: block; margin: 0 auto; }
svg a { text-decoration: none; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: .75rem 0; list-style: none; color:
  var(--soft); font-size: .87rem; }
.legend i { display: inline-block; width: 1.1em; height: .8em; border: 1.5px solid; border-radius: 3px; margin-right:
  .45em; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--rule);
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; }
td.n { color: var(--soft); }
.findings { padding-left: 0; list-style: none; }
.findings li { margin: .6rem 0; padding: .1rem 0 .1rem .75rem; border-left: 3px solid var(--amber); }
.findings li.error { border-color: var(--red); }
.findings strong { color: var(--amber); }
.findings .error strong { color: var(--red); }
li:target { background: var(--amber-fill); }
footer { margin-top: 3rem; color: var(--soft); font-size: .87rem; }
text { font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--soft); white-space: pre; }
.title, .code, .heading, .label { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono",
  monospace; fill: var(--ink); }
.title { font-weight: 600; }
.unnamed { font-style: italic; font-weight: 400; }
.heading { fill: var(--soft); }
.label { fill: var(--soft); font-size: 12px; }
.mark.error { fill: var(--red); }
.mark.warning { fill: var(--amber); }
.mark { font-weight: 600; }
.flow, .again { fill: none; stroke: var(--line); stroke-width: 1.5; }
.again { stroke-dasharray: 5 4; }
#arrow path { fill: var(--line); }
.box, .frame, .cell { stroke: var(--line); stroke-width: 1.5; fill: var(--card); }
.frame { fill: none; }
.context { fill: var(--frame); }
.cell { fill: none; stroke: var(--rule); }
.operation { fill: var(--blue-fill); stroke: var(--blue); }
.pause { fill: var(--violet); }
.suspending { fill: var(--violet-fill); stroke: var(--violet); }
.context { stroke: var(--blue); }
.helper { stroke-dasharray: 6 4; }
.condition, .jump, .terminal, .plain { fill: var(--card); }
.nothing { fill: none; stroke: none; }
.box.error { fill: var(--red-fill); stroke: var(--red); }
.box.warning { fill: var(--amber-fill); stroke: var(--amber); }
.frame.error { stroke: var(--red); }
.frame.warning { stroke: var(--amber); }
g:target > .box, g:target > .frame { stroke-width: 4; }
@media print {
  figure { overflow: visible; border: 0; }
  svg { max-width: 100%; height: auto; }
}
"""
