/** A verification for people. */
import { grouped, milliseconds } from '../terminal/table.ts'
import { columns, paint } from '../terminal/text.ts'
import type { Line } from '../terminal/text.ts'
import type { StageResult } from '../proof/verify/compare-logs.ts'
import type { Fuzz } from '../proof/faults/fuzz.ts'
import type { Neighbours } from '../proof/verify/noisy-neighbour.ts'
import { cells } from '../proof/verify/tally.ts'
import { inventedOk, stagesOf, totalOf, wrongIn } from '../proof/verify/totals.ts'
import type { Verification } from '../proof/verify/verify.ts'

export function linesOf(verification: Verification, seed: number): Line[] {
  const { mix, cuts, overload, freeze, fuzz, neighbours } = verification
  const rows = mix.rows.map(({ kind, right, injected, cells: met, counted, wrong }) => {
    const right_ = right.filter((outcome) => right.length === 1 || counted[outcome]).join(', ')
    return [kind, right_, grouped(injected), ...cells.map((cell) => grouped(met[cell])), grouped(wrong)]
  })
  const header = ['what the server did', 'and the driver ought to say', 'requests', ...cells, 'said wrongly']
  const [head = '', ...body] = columns([header, ...rows], [2, 3, 4, 5, 6, 7])
  return [
    paint('bold', head),
    ...body.map((line, index) => (mix.rows[index]?.wrong ? paint('red', line) : line)),
    '',
    `seed ${seed}; send lag p50 ${milliseconds(mix.lag.p50Us)}, p99 ${milliseconds(mix.lag.p99Us)}, max ${milliseconds(mix.lag.maxUs)}`,
    `faults mixed:     ${sentence(mix)}`,
    `cut answers:      ${sentence(cuts)}; ${grouped(inventedOk(cuts))} cut answers passed as whole`,
    `overload:         ${sentence(overload)}`,
    ...(freeze ? [`frozen server:    ${sentence(freeze)}`, `                  ${frozenSentence(freeze)}`] : []),
    ...(fuzz ? [`mutated answers:  ${fuzzSentence(fuzz)}`] : []),
    ...(neighbours ? [`busy neighbour:   ${neighbourSentence(neighbours)}`] : []),
    '',
    ...[...stagesOf(verification), ...(fuzz ? [fuzz, fuzz.sockets] : [])]
      .flatMap(({ examples }) => examples)
      .map((example) => `wrong: ${example}`),
    `accounting error ${totalOf(verification, 'accountingError')}, in the wrong class ${totalOf(verification, 'misclassified')}, duplicates ${totalOf(verification, 'duplicates')}`,
  ]
}

function sentence(stage: StageResult): string {
  const { planned, notSent, sent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  const wrong = accountingError + misclassified + duplicates
  const sums = `${grouped(planned)} planned = ${grouped(notSent)} not sent + ${grouped(ok)} ok + ${grouped(lost)} lost`
  const balanced = planned === notSent + sent && sent === ok + lost
  const busy = tooLate > 0 ? `; ${grouped(tooLate)} were lost to a server that the machine kept from answering` : ''
  return `${sums}${balanced ? '' : ', which does not balance'}; ${wrong === 0 ? 'every one as the server saw it' : `${grouped(wrong)} wrong`}${busy}`
}

function frozenSentence({ frozenUs, measured, expected, off }: NonNullable<Verification['freeze']>): string {
  return (
    `still for ${milliseconds(frozenUs)}: p99 ${milliseconds(measured.p99Us)} (it must be ${milliseconds(expected.p99Us)}), over 1 s ` +
    `${grouped(measured.overOneSecond)} (${grouped(Math.round(expected.overOneSecond))}): ${(100 * off).toFixed(1)} % off`
  )
}

function fuzzSentence(fuzz: Fuzz): string {
  const { read, ok, sockets } = fuzz
  const wrong = wrongIn(fuzz)
  return (
    `${grouped(read)} read, ${grouped(ok)} of them still whole; ${grouped(sockets.planned)} over sockets: ` +
    (wrong === 0 ? 'no crash, no hang, none unaccounted for, no broken one passed as ok' : `${grouped(wrong)} wrong`)
  )
}

/** Without a neighbour it is for the reader to say whether the machine was idle. */
function neighbourSentence({ beside, without }: Neighbours): string {
  const told = ({ overloaded, loads }: Neighbours['beside']): string => `${overloaded} of ${loads}`
  return `a driver that shares its core was told as overloaded ${told(beside)} times, one that has it to itself ${told(without)} times`
}
