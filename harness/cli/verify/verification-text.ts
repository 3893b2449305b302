/** A verification for people. */
import { formatCount, formatDuration } from '../../base/figures.ts'
import { alignColumns, withStyle } from '../../terminal/text.ts'
import type { Line } from '../../terminal/text.ts'
import type { StageResult } from '../../proof/verify/compare-logs.ts'
import type { Fuzz } from '../../proof/faults/fuzz.ts'
import type { NeighbourResult } from '../../proof/verify/noisy-neighbour.ts'
import { cells } from '../../proof/verify/tally.ts'
import { countInventedOk, listStages, sumStages, countFuzzErrors } from '../../proof/verify/totals.ts'
import type { Verification } from '../../proof/verify/verify.ts'

export function formatVerification(verification: Verification, seed: number): Line[] {
  const { mix, cuts, overload, requests, freeze, fuzz, neighbours } = verification
  const rows = mix.rows.map(({ kind, right, injected, cells: met, counted, wrong }) => {
    const right_ = right.filter((outcome) => right.length === 1 || counted[outcome]).join(', ')
    return [kind, right_, formatCount(injected), ...cells.map((cell) => formatCount(met[cell])), formatCount(wrong)]
  })
  const header = ['what the server did', 'and the driver ought to say', 'requests', ...cells, 'said wrongly']
  const [head = '', ...body] = alignColumns([header, ...rows], [2, 3, 4, 5, 6, 7])
  return [
    withStyle('bold', head),
    ...body.map((line, index) => (mix.rows[index]?.wrong ? withStyle('red', line) : line)),
    '',
    `seed ${seed}; send lag p50 ${formatDuration(mix.lag.p50Us)}, p99 ${formatDuration(mix.lag.p99Us)}, max ${formatDuration(mix.lag.maxUs)}`,
    `faults mixed:     ${formatStage(mix)}`,
    `cut answers:      ${formatStage(cuts)}; ${formatCount(countInventedOk(cuts))} cut answers passed as whole`,
    `overload:         ${formatStage(overload)}`,
    `several requests: ${formatStage(requests)}`,
    `                  ${requests.requests.map(formatRequest).join(', ')}`,
    ...(freeze ? [`frozen server:    ${formatStage(freeze)}`, `                  ${formatFreeze(freeze)}`] : []),
    ...(fuzz ? [`mutated answers:  ${formatFuzz(fuzz)}`] : []),
    ...(neighbours ? [`busy neighbour:   ${formatNeighbours(neighbours)}`] : []),
    '',
    ...[...listStages(verification), ...(fuzz ? [fuzz, fuzz.sockets] : [])]
      .flatMap(({ examples }) => examples)
      .map((example) => `wrong: ${example}`),
    `accounting error ${sumStages(verification, 'accountingError')}, in the wrong class ${sumStages(verification, 'misclassified')}, duplicates ${sumStages(verification, 'duplicates')}`,
  ]
}

function formatStage(stage: StageResult): string {
  const { planned, notSent, sent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  const wrong = accountingError + misclassified + duplicates
  const sums = `${formatCount(planned)} planned = ${formatCount(notSent)} not sent + ${formatCount(ok)} ok + ${formatCount(lost)} lost`
  const balanced = planned === notSent + sent && sent === ok + lost
  const busy = tooLate > 0 ? `; ${formatCount(tooLate)} were lost to a server that the machine kept from answering` : ''
  return `${sums}${balanced ? '' : ', which does not balance'}; ${wrong === 0 ? 'every one as the server saw it' : `${formatCount(wrong)} wrong`}${busy}`
}

function formatRequest({ name, sent, outcomes }: Verification['requests']['requests'][number]): string {
  return `${name} ${formatCount(sent)} (${formatCount(outcomes.ok ?? 0)} ok)`
}

function formatFreeze({ frozenUs, measured, expected, off }: NonNullable<Verification['freeze']>): string {
  return (
    `still for ${formatDuration(frozenUs)}: p99 ${formatDuration(measured.p99Us)} (it must be ${formatDuration(expected.p99Us)}), over 1 s ` +
    `${formatCount(measured.overOneSecond)} (${formatCount(Math.round(expected.overOneSecond))}): ${(100 * off).toFixed(1)} % off`
  )
}

function formatFuzz(fuzz: Fuzz): string {
  const { read, ok, sockets } = fuzz
  const wrong = countFuzzErrors(fuzz)
  return (
    `${formatCount(read)} read, ${formatCount(ok)} of them still whole; ${formatCount(sockets.planned)} over sockets: ` +
    (wrong === 0
      ? 'no crash, no hang, none unaccounted for, no broken one passed as ok'
      : `${formatCount(wrong)} wrong`)
  )
}

/** Without a neighbour only the reader knows whether the machine was idle. */
function formatNeighbours({ beside, without }: NeighbourResult): string {
  const formatOverloaded = ({ overloaded, loads }: NeighbourResult['beside']): string => `${overloaded} of ${loads}`
  return `a driver that shares its core was told as overloaded ${formatOverloaded(beside)} times, one that has it to itself ${formatOverloaded(without)} times`
}
