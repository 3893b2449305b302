/** How certain “nothing” is: the share of disruptions that may lose requests all the same. */
import { formatCount, formatPlural } from '../../base/figures.ts'
import { computePercentBound } from '../figures/zero-bound.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { rulerStops } from './improve-command.ts'
import type { Improvement } from './improve-command.ts'
import { renderCopyButton } from './render-patch.ts'
import { formatHundredths } from './strip-scale.ts'

/** In per cent of the width: leaves space for half a label at either end. */
const ends = { from: 7, to: 93 }

/** Rounds on a logarithmic scale; the line is solid up to the number of clean rounds. */
export function renderRuler(
  clean: { configuration: string; rounds: number; noun: string },
  improvement: Improvement | null,
): Html {
  const { configuration, rounds, noun } = clean
  const last = rounds > 59 ? Math.max(299, rounds) : 59
  const place = (count: number): string =>
    formatHundredths(ends.from + (Math.log(count) / Math.log(last)) * (ends.to - ends.from))
  const stops = rulerStops.filter((stop) => stop <= last && !isNear(stop, rounds))
  const now = place(rounds)
  const bound = `≤ ${computePercentBound(rounds)} %`
  const label =
    `After ${formatPlural(rounds, noun)} without a loss up to ${computePercentBound(rounds)} % may still lose requests, at 95 % confidence. ` +
    stops.map((stop) => `After ${formatPlural(stop, noun)}: up to ${computePercentBound(stop)} %`).join('. ')
  return html`<section class="ruler" aria-labelledby="ruler">
    <h2 id="ruler">How sure is “nothing”? <span>${noun}s of ${configuration} that may still lose, at 95 %</span></h2>
    <svg width="100%" height="58" role="img" aria-label="${label}">
      <line class="whole" x1="${ends.from}%" x2="${ends.to}%" y1="29" y2="29" />
      <line class="done" x1="${ends.from}%" x2="${now}%" y1="29" y2="29" />
      ${stops.map(
        (stop) =>
          html`<circle class="stop" cx="${place(stop)}%" cy="29" r="3.5" /><text
              x="${place(stop)}%"
              y="15"
              text-anchor="middle"
              >${formatCount(stop)}</text
            ><text x="${place(stop)}%" y="51" text-anchor="middle">≤ ${computePercentBound(stop)} %</text>`,
      )}
      <circle class="now" cx="${now}%" cy="29" r="6.5" />
      <text class="now" x="${now}%" y="15" text-anchor="middle">${formatCount(rounds)}</text>
      <text class="now" x="${now}%" y="51" text-anchor="middle">${bound}</text>
    </svg>
    ${improvement !== null && renderImprovement(improvement)}
  </section>`
}

/** Whether two labels would overlap: the clean rounds are labelled, and a stop beside them is not. */
function isNear(stop: number, rounds: number): boolean {
  return Math.abs(Math.log(stop / rounds)) < Math.log(1.7)
}

function renderImprovement({ rounds, command, minutes }: Improvement): Html {
  const load = minutes === null ? '' : `, about ${formatPlural(minutes, 'minute')} of load`
  const bound = `${computePercentBound(rounds)} %`
  if (command === null)
    return html`<p class="improve">
      Run the same command with <code>--rounds ${rounds}</code>: none lost then means ≤ ${bound}${load}
    </p>`
  return html`<p class="improve">
    <code>${command}</code>${renderCopyButton(command, 'command')}<span>≤ ${bound}${load}</span>
  </p>`
}
