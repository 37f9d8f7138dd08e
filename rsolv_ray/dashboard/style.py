"""What does the page look like? Colours that hold on Gradio's light and dark ground; tables that scroll on a phone."""

STYLE = """
.gradio-container {max-width: min(1280px, 100vw) !important; min-width: 0 !important; width: 100%; margin: 0 auto !important}
.gradio-container :is(.main, main, .wrap, .column, .block, .html-container) {min-width: 0 !important; max-width: 100%; width: 100%}
.nav-holder {display: none !important}
#rsolv-notice:not(:has(p)) {display: none}
header {display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem}
header h1 {font-size: 1.6rem; font-weight: 700; margin: 0 !important; flex: 1 1 auto}
header nav {display: flex; flex-wrap: wrap; align-items: center; gap: 1rem}
header :is(a, button) {white-space: nowrap}
header a {color: var(--link-text-color); text-decoration: underline}
header :is(button, select) {border: 1px solid var(--border-color-primary) !important; border-radius: 6px; font-size: 1rem;
  padding: .25rem .7rem !important; background: var(--background-fill-secondary); color: var(--body-text-color)}
nav.pages {display: flex; gap: 1.2rem; border-bottom: 1px solid var(--border-color-primary); margin-top: .6rem}
nav.pages a {text-decoration: none; padding: .3rem .1rem; color: var(--body-text-color); opacity: .75}
nav.pages a[aria-current] {opacity: 1; font-weight: 600; border-bottom: 2px solid var(--link-text-color)}
.notice {border-left: 4px solid #d97706; background: #d9770622; padding: .6rem 1rem; border-radius: 4px}
.cards {display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .8rem}
.cards div, .panel {border: 1px solid var(--border-color-primary); border-radius: 10px; padding: .8rem 1rem;
  background: var(--background-fill-secondary)}
.cards b {display: block; font-size: 2rem; line-height: 1.2; font-variant-numeric: tabular-nums}
.cards small {display: block}
.cards small, .panel :is(small, time, th) {color: var(--body-text-color) !important; opacity: .72}
.panel h2 {font-size: 1.05rem; font-weight: 600; margin: 0 0 .5rem !important}
.panel .wide {overflow-x: auto}
.panel table {width: 100%; border-collapse: collapse; font-size: .9rem; margin: 0 !important}
.panel :is(table, thead, tbody, tr) {border: 0 !important}
.panel :is(th, td) {padding: .35rem .8rem .35rem 0 !important; vertical-align: top; text-align: left; font-size: .9rem;
  border: 0 !important; border-top: 1px solid var(--border-color-primary) !important}
.panel th {font-weight: 600; border-top: 0 !important}
.panel :is(time, th, code) {white-space: nowrap; font-variant-numeric: tabular-nums}
.panel pre {overflow-x: auto; padding: .8rem; border-radius: 6px; background: var(--background-fill-primary)}
.panel pre code {white-space: pre !important}
.chips {min-width: 17rem; display: inline-block}
.chip, .badge {display: inline-block; border-radius: 999px; padding: 0 .6rem; margin: 0 .25rem .2rem 0; font-size: .8rem;
  line-height: 1.5rem; white-space: nowrap; border: 1px solid #8886; color: var(--body-text-color)}
.chip.done, .badge.learned, .badge.active, .badge.high {background: #16a34a33; border-color: #16a34a88}
.chip.running, .badge.running, .badge.monitor {background: #2563eb33; border-color: #2563eb88}
.chip.failed {background: #dc262633; border-color: #dc262688}
.badge.partly-done, .badge.medium {background: #d9770633; border-color: #d9770688}
.chip.pending, .chip.skipped, .badge.retired {opacity: .65; border-style: dashed}
.chip.running {animation: rsolv-pulse 1.2s ease-in-out infinite alternate}
.steps {list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; padding: 0 !important;
  margin: .6rem 0 0 !important}
.steps li {border: 1px solid var(--border-color-primary); border-top: 3px solid #8886; border-radius: 8px; padding: .5rem .7rem;
  margin: 0 !important; background: var(--background-fill-primary); min-height: 5.5rem}
.steps li::marker {content: ""}
.steps li > span:not(.mark) {display: block; min-height: 1.2rem; opacity: .72}
.steps li small {margin-right: .6rem; font-variant-numeric: tabular-nums}
.stack {display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr)}
.steps li p {font-size: .85rem; margin: .3rem 0 0 !important; opacity: .8; overflow-wrap: anywhere}
.steps .done {border-top-color: #16a34a} .steps .done .mark {color: #16a34a}
.steps .running {border-top-color: #2563eb; animation: rsolv-pulse 1.2s ease-in-out infinite alternate}
.steps .failed {border-top-color: #dc2626} .steps .failed .mark {color: #dc2626}
.steps :is(.pending, .skipped) {opacity: .6; border-style: dashed}
.steps .mark {display: inline-block; width: 1.2rem; font-weight: 700}
.facts {display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: .6rem 0 !important}
.facts :is(dt, dd) {margin: 0} .facts dt {font-size: .8rem; opacity: .72}
.panel summary {cursor: pointer; font-weight: 600}
@keyframes rsolv-pulse {to {opacity: .45}}
@media (max-width: 600px) {
  .gradio-container main {padding: .8rem !important}
  #rsolv-events :is(tr, td) {display: block}
  #rsolv-events td + td {border: 0 !important; padding-top: 0 !important; overflow-wrap: anywhere}
  #rsolv-events th {display: none}
}
@media (prefers-reduced-motion: reduce) {.chip.running, .steps .running {animation: none}}
"""
