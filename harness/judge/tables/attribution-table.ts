/** How requests were attributed to pods, and how often the kernel and the answers agree. */
import type { Attribution } from '../../model/loss.ts'
import { formatCount } from '../../base/figures.ts'
import { attributionMeanings } from '../losses/loss-facts.ts'
import { formatEvidenceLevel } from '../losses/evidence-text.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { createHeads, renderTableDetails, renderTableRow } from '../timeline/badges.ts'

const lostMeanings: Record<keyof Attribution['lost'], string> = {
  ...attributionMeanings,
  several: 'the likeliest pod; others are not ruled out',
  nobody: 'tied to no pod',
}

export function renderAttributionTable(attribution: Attribution): Html {
  const { kernel, lost } = attribution
  const rows: [string, number][] = Object.entries(lostMeanings).map(([by, says]) => [
    `lost: ${says}`,
    lost[by as keyof Attribution['lost']],
  ])
  const told: [string, number][] =
    kernel.connections === 0
      ? []
      : [
          ['connections that the kernel led to a pod', kernel.connections],
          ['answered by the pod to which the connection was led', kernel.agreed],
          ['answered by another pod (must be 0)', kernel.contradicted],
          ['answered, and nothing is told of the connection', kernel.untold],
        ]
  const shown = [...rows.filter(([, count]) => count > 0), ...told]
  return renderTableDetails(
    'Who answered, and how that is known',
    createHeads(['by which evidence', 'count']),
    shown.map(([says, count]) => renderTableRow([says, formatCount(count)])),
    html`<p class="of">${formatEvidenceLevel(attribution)}</p>`,
  )
}
