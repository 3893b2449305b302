/** Compares one comparison with an earlier one: row by row better, worse or undecided. */
import type { Baseline, BaselineRound, BaselineRow } from '../../model/baseline/baseline.ts'
import type { ClusterKind } from '../../model/cluster-kind.ts'
import { adjustByHolm } from '../statistics/exact-tests.ts'
import { computeSuperiority, testRanksDiffer } from './rank-test.ts'
import { compareConditions } from './conditions.ts'
import type { Comparability } from './conditions.ts'
import { isLarge, pointsTo, summarizeRounds } from './typical-round.ts'
import type { Telling, TypicalRounds } from './typical-round.ts'
import { formatRowName, getCluster, listAlike, tellApart } from './row-name.ts'

/**
 * A nightly comparison with a baseline must not raise false alarms: the chance that any row of an unchanged workload is called different is
 * at most this each night for losses, and the same again for times.
 */
export const alpha = 0.01

export type Change = 'better' | 'worse' | '~'
export type FigureName = 'lost' | 'roundsWithLoss' | 'p50Us' | 'p99Us' | 'marginUs'

const leastLossEffect = 0.1
const tellings: Readonly<Record<FigureName, Telling>> = {
  lost: { by: ['mean', 'median', 'share'], least: leastLossEffect },
  roundsWithLoss: { by: ['share'], least: leastLossEffect },
  p50Us: { by: ['mean', 'median'], least: 0.25 },
  p99Us: { by: ['mean', 'median'], least: 0.25 },
  marginUs: { by: ['mean', 'median'], least: leastLossEffect },
}

/** One figure of a row, before and after. */
export interface FigureChange extends TypicalRounds {
  figure: FigureName
  /** Adjusted for the number of rows. */
  p: number
  /** Probability that a round after is above one before: 0.5 where neither is. */
  superiority: number
  change: Change
}

export interface RowChange {
  scenario: string
  configuration: string
  /** Absent where no other row has the same scenario and configuration. */
  onCluster?: ClusterKind
  rounds: { before: number; after: number }
  roundsWithLoss: { before: number; after: number }
  comparability: Comparability
  /** Losses first. Empty where one side has no judged round. */
  figures: FigureChange[]
  /** `worse` where any figure is. */
  change: Change
  /** For a row with undecided losses: the number of rounds after that would decide if they continued like this; `null`: none would. */
  roundsNeeded: number | null
  /** Whether these rounds could show any difference in losses; if not, finding none proves nothing. */
  canDecide: boolean
  /** With too few rounds: the number of rounds after that it takes; `null`: there are enough, or not even 200 would be. */
  leastRounds: number | null
}

export interface BaselineComparison {
  before: string
  after: string
  rows: RowChange[]
  /** Rows that only one side has: `rollout × naive`. */
  onlyBefore: string[]
  onlyAfter: string[]
}

/** In the order of `after`. */
export function compareBaselines(before: Baseline, after: Baseline): BaselineComparison {
  const pairs = after.rows.flatMap((row): RowPair[] => {
    const earlier = findEarlier(row, { before, after })
    if (earlier === undefined) return []
    const isAlone = [before, after].every(({ rows }) => listAlike(row, rows).length === 1)
    return [{ before: earlier, after: row, ...(!isAlone && { onCluster: getCluster(row) }) }]
  })
  const paired = new Set(pairs.flatMap((pair) => [pair.before, pair.after]))
  const listOthers = ({ rows }: Baseline): string[] =>
    tellApart(rows).flatMap((row, place) => (paired.has(rows[place]!) ? [] : [formatRowName(row)]))
  return {
    before: before.comparison,
    after: after.comparison,
    rows: decideRows(pairs.map(testPair)),
    onlyBefore: listOthers(before),
    onlyAfter: listOthers(after),
  }
}

interface RowPair {
  before: BaselineRow
  after: BaselineRow
  onCluster?: ClusterKind
}

/** The row on the same cluster; on another one if no other row has this name on either side. */
function findEarlier(
  row: BaselineRow,
  { before, after }: Record<'before' | 'after', Baseline>,
): BaselineRow | undefined {
  const [first, ...others] = listAlike(row, before.rows)
  const isAlone = others.length === 0 && listAlike(row, after.rows).length === 1
  return isAlone ? first : listAlike(row, before.rows).find((one) => getCluster(one) === getCluster(row))
}

type TestedFigure = Omit<FigureChange, 'change'>
type TestedRow = Omit<RowChange, 'figures' | 'change' | 'roundsNeeded' | 'canDecide' | 'leastRounds'> & {
  figures: TestedFigure[]
}

/** The p-values are not adjusted yet. */
function testPair({ before, after, onCluster }: RowPair): TestedRow {
  const comparability = compareConditions(before.conditions, after.conditions)
  const test = (figure: FigureName): TestedFigure[] => {
    const [first, second] = [before, after].map(({ rounds }) => rounds.flatMap((round) => readFigure(figure, round)))
    if (!first?.length || !second?.length) return []
    const p = testRanksDiffer(first, second)
    const superiority = computeSuperiority(first, second)
    return [{ figure, ...summarizeRounds(first, second, { ...tellings[figure], superiority }), p, superiority }]
  }
  const losses = comparability.losses === 'counts' ? test('lost') : test('roundsWithLoss')
  const times = comparability.times ? (['p50Us', 'p99Us', 'marginUs'] as const).flatMap(test) : []
  return {
    scenario: after.scenario,
    configuration: after.configuration,
    ...(onCluster !== undefined && { onCluster }),
    rounds: { before: before.rounds.length, after: after.rounds.length },
    roundsWithLoss: { before: countLossy(before), after: countLossy(after) },
    comparability,
    figures: [...losses, ...times],
  }
}

function countLossy({ rounds }: BaselineRow): number {
  return rounds.filter(({ lost }) => lost > 0).length
}

function readFigure(figure: FigureName, { lost, latency, margin }: BaselineRound): number[] {
  if (figure === 'lost') return [lost]
  if (figure === 'roundsWithLoss') return [lost > 0 ? 1 : 0]
  const value = figure === 'marginUs' ? margin?.us : latency?.[figure]
  return value === undefined || value === null ? [] : [value]
}

function isOfLosses(figure: FigureName): boolean {
  return figure === 'lost' || figure === 'roundsWithLoss'
}

/** Losses and times are adjusted separately: a test of one does not weaken a test of the other. */
function decideRows(rows: readonly TestedRow[]): RowChange[] {
  const all = rows.flatMap(({ figures }) => figures)
  const adjusted = new Map<TestedFigure, number>()
  for (const family of [
    all.filter(({ figure }) => isOfLosses(figure)),
    all.filter(({ figure }) => !isOfLosses(figure)),
  ]) {
    const pValues = adjustByHolm(family.map(({ p }) => p))
    for (const [place, figure] of family.entries()) adjusted.set(figure, pValues[place]!)
  }
  const tests = Math.max(1, all.filter(({ figure }) => isOfLosses(figure)).length)
  return rows.map((row) => {
    const figures = row.figures.map((figure) => decideFigure({ ...figure, p: adjusted.get(figure)! }))
    const losses = figures.find(({ figure }) => isOfLosses(figure))
    const isEnough = canDecide(row.rounds, tests)
    return {
      ...row,
      figures,
      change: chooseChange(figures),
      roundsNeeded: losses?.change === '~' ? estimateRounds(row, tests) : null,
      canDecide: isEnough,
      leastRounds: isEnough ? null : findLeastRounds(row.rounds.before, tests),
    }
  })
}

function decideFigure(figure: TestedFigure): FigureChange {
  const { figure: name, p, superiority } = figure
  if (p > alpha || !isLarge(figure, tellings[name].least) || !pointsTo(figure, superiority)) {
    return { ...figure, change: '~' }
  }
  const isAbove = superiority > 0.5
  return { ...figure, change: isAbove === (name === 'marginUs') ? 'better' : 'worse' }
}

/** Whether more rounds could show a difference in the share of rounds that lost requests. */
export function isShareDifference({ rounds, roundsWithLoss }: Pick<RowChange, 'rounds' | 'roundsWithLoss'>): boolean {
  const [before, after] = [roundsWithLoss.before / rounds.before, roundsWithLoss.after / rounds.after]
  return before !== after && isLarge({ before, after }, leastLossEffect)
}

function chooseChange(figures: readonly FigureChange[]): Change {
  const changes = new Set(figures.map(({ change }) => change))
  return changes.has('worse') ? 'worse' : changes.has('better') ? 'better' : '~'
}

const mostRounds = 200

/** Whether the largest possible difference would be found: losses in every round after, and in none before. */
function canDecide(rounds: RowChange['rounds'], tests: number): boolean {
  return isFound(rounds.after, rounds, tests)
}

/** Whether losses in `lossy` of the rounds after, and in none before, are found to be a difference, whatever the other tests give. */
function isFound(lossy: number, { before, after }: RowChange['rounds'], tests: number): boolean {
  return testRanksDiffer(markRounds(0, before), markRounds(lossy, after)) * tests <= alpha
}

/** 1 for each round that lost requests, 0 for the others. */
function markRounds(lossy: number, rounds: number): number[] {
  return Array.from({ length: rounds }, (_, place) => (place < lossy ? 1 : 0))
}

/** The number of rounds after with which a difference can be found, among `tests` tests; `null`: more than 200. */
export function findLeastRounds(before: number, tests: number): number | null {
  if (before === 0) return null
  for (let after = 1; after <= mostRounds; after++) if (canDecide({ before, after }, tests)) return after
  return null
}

/** With no loss before: how many rounds after must lose requests to be called worse; `null`: not even all are enough. */
export function findLeastLossyRounds(rounds: RowChange['rounds'], tests: number): number | null {
  for (let lossy = 1; lossy <= rounds.after; lossy++) if (isFound(lossy, rounds, tests)) return lossy
  return null
}

/** From rounds with losses alone, assuming that their share stays the same, with the full adjustment. */
function estimateRounds({ rounds, roundsWithLoss }: TestedRow, tests: number): number | null {
  const before = markRounds(roundsWithLoss.before, rounds.before)
  const share = roundsWithLoss.after / rounds.after
  for (let trials = rounds.after + 1; trials <= mostRounds; trials++) {
    const lossy = Math.round(share * trials)
    const seen = { rounds: { ...rounds, after: trials }, roundsWithLoss: { ...roundsWithLoss, after: lossy } }
    if (isShareDifference(seen) && testRanksDiffer(before, markRounds(lossy, trials)) * tests <= alpha) return trials
  }
  return null
}
