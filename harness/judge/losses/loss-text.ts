/** The explanation of one lost request as plain text, for pasting elsewhere. */
import type { Loss } from '../../model/result.ts'
import { listChronology } from './loss-chronology.ts'
import type { ChronologyRun } from './loss-chronology.ts'
import { explainLoss } from './loss-explanation.ts'

export function formatLossText(loss: Loss, run: ChronologyRun & { name: string; runId: string }): string {
  const { title, sentences, facts } = explainLoss(loss, run.scale)
  const nameWidth = Math.max(...facts.map(([name]) => name.length))
  const around = listChronology(loss, run)
  const atWidth = Math.max(...around.map(({ at }) => at.length))
  return [
    `${title} (${run.name}, run ${run.runId})`,
    '',
    ...sentences,
    '',
    ...facts.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value}`),
    '',
    ...around.map(({ at, who, what, isOwn }) => `${isOwn ? '>' : ' '} ${at.padStart(atWidth)}  ${who} ${what}`),
    '',
  ].join('\n')
}
