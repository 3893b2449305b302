import { listDecidingGates, listGates } from '../../model/gates/gates.ts'
import type { RunPlan } from '../../model/plan.ts'
import { html } from './escape-html.ts'
import type { Html } from './escape-html.ts'
import { getRunAnchor, renderVerdictBadge } from '../timeline/badges.ts'
import { formatRoundName } from './reported-run.ts'
import type { ReportedRun } from './reported-run.ts'

/** A run with nothing to draw: without data for the page's script, and open, so that a link to it shows it. */
export function renderBriefSection(run: ReportedRun, says: string): Html {
  const { analysis, plan } = run
  return html`<details class="run" id="${getRunAnchor(analysis.runId).id}" open>
    <summary>
      <h3>${analysis.configuration}</h3>
      <span class="round">${analysis.scenario} · ${analysis.cluster} · ${formatRoundName(run)}</span
      ><span class="lost">${says}</span>${renderVerdictBadge(analysis.verdict)}
    </summary>
    <div class="body">
      <p class="sentence">${analysis.sentence}</p>
      <p class="hypothesis">${renderAsked(plan)}</p>
      <p class="source">Run <code>${analysis.runId}</code> · seed ${plan.seed} · directory <code>${run.dir}</code></p>
    </div>
  </details>`
}

function renderAsked({ configuration }: RunPlan): Html {
  const gates = listGates(configuration)
  return gates.length > 0
    ? html`<b>Gates</b> ${listDecidingGates(gates).join(', ') || 'none that decides'}`
    : html`<b>Expected</b> ${configuration.hypothesis}`
}
