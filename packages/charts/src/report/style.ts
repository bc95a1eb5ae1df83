import { ADAPTIVE_COLORS } from '../figures/theme.ts';

/** The style sheet of the page and of its figures: light, dark and print. */
export const PAGE_STYLE = `${ADAPTIVE_COLORS}
:root{--ink:#1f2328;--muted:#57606a;--line:#d5dbe1;--surface:#fff;--card:#f6f8fa;--good:#00775a;--bad:#c75000;
  --open:#57606a;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8edf2;--muted:#9ba6b1;--line:#2d343c;--surface:#0e1217;
  --card:#161c23;--good:#34cba0;--bad:#f59a52;--open:#9ba6b1}}
*{box-sizing:border-box}
body{margin:0;background:var(--surface);color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:784px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:20px;margin:44px 0 8px;line-height:1.3}
p{margin:8px 0}
.meta,figcaption,.hint{color:var(--muted);font-size:14px}
.verdict{border-left:4px solid var(--open);background:var(--card);padding:14px 18px;margin:24px 0 12px;
  border-radius:0 6px 6px 0;font-size:18px;line-height:1.45}
.verdict.confirmed{border-color:var(--good)}.verdict.worse{border-color:var(--bad)}
ul.notes{margin:12px 0;padding-left:22px}ul.notes li{margin:6px 0}
dl.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px;margin:20px 0}
dl.cards div{border:1px solid var(--line);border-radius:6px;padding:10px 14px}
dl.cards dt{color:var(--muted);font-size:13px}
dl.cards dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
dl.cards dd small{display:block;font-size:13px;font-weight:400;color:var(--muted);line-height:1.35}
figure{margin:12px 0 28px}figure svg{display:block;max-width:100%;height:auto}figure svg.gs-narrow{display:none}
@media screen and (max-width:680px){figure svg.gs-wide{display:none}figure svg.gs-narrow{display:block}}
figcaption{margin-top:6px}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:14px;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
th{color:var(--muted);font-weight:500;white-space:normal;vertical-align:bottom}
td .point{display:inline-block;min-width:260px;white-space:normal;font-size:13px}.number{text-align:right}
.facts td{white-space:normal;overflow-wrap:anywhere}
.facts td:first-child{color:var(--muted);white-space:nowrap;width:1%}
.edge{color:var(--bad);font-weight:600}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:14px 16px;overflow-x:auto;
  font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media print{main{max-width:none;padding:0}body{font-size:11pt}h2{break-after:avoid}
figure,tr,.verdict,dl.cards{break-inside:avoid}table{font-size:8.5pt}pre{white-space:pre-wrap;overflow-wrap:anywhere}
.verdict{font-size:13pt}}
`;
