/**
 * What a naive tool would have counted of the same requests: autocannon 9.0.0 by its own counting rules, each request taken for
 * itself. In truth it is further off: it takes answers for earlier requests, tries refused connections without a pause, and
 * loses what it writes on a connection that the server said it would close.
 *
 * The rules, with their places in autocannon's lib/:
 * - A complete response counts by its status (httpClient.js `kOnMessageComplete`, run.js `onResponse`); whose it is is not asked.
 * - An error of the socket counts (httpClient.js `conn.on('error')`), and so does a timeout (`handleTimeout`, run.js `onTimeout`).
 * - The end of a connection counts nothing, whatever was in flight (httpClient.js `conn.on('end')`): so an answer that only
 *   the end completes is never complete.
 * - What cannot be read counts nothing: the parser returns its error, and `conn.on('data')` does not look.
 * - What is in flight at the end counts nothing (`destroy`).
 */
import type { Outcome } from '../../model/record.ts'
import type { Ledger, AutocannonCounts } from '../../model/result.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'

type AutocannonTotals = Pick<AutocannonCounts, '2xx' | 'non2xx' | 'errors'>

const autocannonRules: Record<Outcome, keyof AutocannonTotals | 'nothing'> = {
  ok: '2xx',
  'header-mismatch': '2xx',
  'body-mismatch': '2xx',
  'wrong-target': '2xx',
  'http-4xx': 'non2xx',
  'http-5xx': 'non2xx',
  'unexpected-status': 'non2xx',
  refused: 'errors',
  unreachable: 'errors',
  'connect-timeout': 'errors',
  dns: 'errors',
  tls: 'errors',
  'reset-before-response': 'errors',
  'reset-in-body': 'errors',
  'timeout-headers': 'errors',
  'timeout-body': 'errors',
  'closed-before-response': 'nothing',
  truncated: 'nothing',
  'protocol-error': 'nothing',
  'in-flight': 'nothing',
}

/** `endedByClose`: how many `ok` responses only the end of their connection completed. */
export function countAsAutocannon(
  { outcomes, lost }: Pick<Ledger, 'outcomes' | 'lost'>,
  endedByClose: number,
): AutocannonCounts {
  const totals: AutocannonTotals = { '2xx': -endedByClose, non2xx: 0, errors: 0 }
  for (const [outcome, times] of Object.entries(outcomes) as [Outcome, number][]) {
    const counted = autocannonRules[outcome]
    if (counted !== 'nothing') totals[counted] += times
  }
  return toAutocannonCounts(totals, lost)
}

/** Of several runs together. */
export function sumAutocannonCounts(
  runs: readonly { naive: AutocannonCounts; ledger: Pick<Ledger, 'lost'> }[],
): AutocannonCounts {
  const sumOverRuns = (pick: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((all, run) => all + pick(run), 0)
  const totals = {
    '2xx': sumOverRuns(({ naive }) => naive['2xx']),
    non2xx: sumOverRuns(({ naive }) => naive.non2xx),
    errors: sumOverRuns(({ naive }) => naive.errors),
  }
  return toAutocannonCounts(
    totals,
    sumOverRuns(({ ledger }) => ledger.lost),
  )
}

function toAutocannonCounts(totals: AutocannonTotals, lost: number): AutocannonCounts {
  const { errors, non2xx } = totals
  const statuses = non2xx > 0 ? [`${formatCount(non2xx)} non-2xx`] : []
  const says = errors === 0 && non2xx > 0 ? statuses : [formatPlural(errors, 'error'), ...statuses]
  return { ...totals, unseen: lost - errors - non2xx, says: says.join(', ') }
}
