/** How the page looks: system fonts, light and dark by the reader's setting, one column on a narrow screen. */
export const style: string = `
:root{--ink:#1b1f24;--soft:#59636e;--paper:#fff;--panel:#f6f8fa;--line:#d8dee4;--accent:#0b57d0;
--get:#0a6b3d;--post:#0b57d0;--put:#8a5100;--patch:#6d3fc4;--delete:#b3261e;--head:#59636e}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--paper:#0e1217;--panel:#161c24;--line:#2b333d;
--accent:#8ab4ff;--get:#5fd39a;--post:#8ab4ff;--put:#f0b45c;--patch:#c3a6ff;--delete:#ff9d94;--head:#9aa5b1}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:8px;z-index:2}
.status{padding:48px;text-align:center;color:var(--soft)}
.layout{display:grid;grid-template-columns:260px minmax(0,1fr);min-height:100vh}
nav{border-right:1px solid var(--line);background:var(--panel);padding:20px 16px;position:sticky;top:0;height:100vh;overflow:auto}
nav h2{font-size:12px;letter-spacing:.05em;text-transform:uppercase;color:var(--soft);margin:18px 0 4px}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;gap:8px;padding:3px 6px;border-radius:6px;text-decoration:none;color:var(--ink);font-size:13px;overflow-wrap:anywhere}
nav li a:hover{background:var(--line)}
nav .verb{min-width:44px;font-size:11px;padding-top:2px}
input[type=search]{width:100%;padding:7px 10px;border:1px solid var(--line);border-radius:8px;background:var(--paper);color:var(--ink);font:inherit}
main{padding:32px 40px 96px;max-width:1040px;width:100%}
h1{margin:0 0 4px;font-size:28px;line-height:1.2}
h1 small{font-size:14px;font-weight:500;color:var(--soft);margin-left:8px}
main h2{margin:40px 0 10px;font-size:19px;padding-bottom:6px;border-bottom:1px solid var(--line)}
h3{margin:18px 0 6px;font-size:14px}
p{margin:6px 0}.soft{color:var(--soft)}
.verb{font-weight:700;font-family:ui-monospace,Menlo,Consolas,monospace;text-transform:uppercase}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}.delete{color:var(--delete)}.head{color:var(--head)}
details.op{border:1px solid var(--line);border-radius:10px;margin:8px 0;background:var(--paper)}
details.op[open]{box-shadow:0 1px 8px rgb(0 0 0/.07)}
details.op>summary{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;padding:10px 14px;cursor:pointer;list-style:none}
details.op>summary::-webkit-details-marker{display:none}
details.op>summary .verb{min-width:58px}
details.op>summary .path{font-weight:600;overflow-wrap:anywhere}
details.op>summary .what{color:var(--soft);margin-left:auto;font-size:14px}
.body{padding:2px 16px 16px;border-top:1px solid var(--line)}
.chip{display:inline-block;border:1px solid var(--line);background:var(--panel);border-radius:999px;padding:0 9px;font-size:12px;margin:2px 4px 2px 0}
.old{text-decoration:line-through}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line)}
th{font-size:12px;color:var(--soft);font-weight:600}
td:first-child{white-space:nowrap}
.must{color:var(--delete);font-size:12px}
.tree{list-style:none;margin:2px 0;padding-left:14px;border-left:1px solid var(--line);font-size:14px}
.tree li{padding:2px 0}
.type{color:var(--soft)}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px;overflow-x:auto;margin:8px 0}
.answer{border-top:1px dashed var(--line);padding:6px 0}
.answer>strong{display:inline-block;min-width:68px}
@media (max-width:820px){.layout{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}
nav .links{display:none}main{padding:20px 16px 64px}details.op>summary .what{margin-left:0;width:100%}}
@media print{nav{display:none}.layout{display:block}}
`
