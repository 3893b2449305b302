/** The stored result of a play: the losses by kind, and the moments of pods that they followed. */
import type { Outcome } from '../../model/record.ts'
import type { Analysis, Loss, Verdict } from '../../model/result.ts'

/** By cluster and by the play's name; each is the latest result. */
export type ServerResults = Record<ServerCluster, Record<string, ServerMark>>
export type ServerCluster = (typeof serverClusters)[number]
export const serverClusters = ['local', 'kind'] as const

export interface ServerMark {
  date: string
  verdict: Verdict
  because: string[]
  sent: number
  lost: number
  /** Most frequent first. */
  kinds: [Outcome, number][]
  losses: LossGroup[]
  /** Exits of the containers of pods that left, in ms from the deletion of their pod. */
  exits: ContainerExit[]
  /** Sentences of the report that name a server which is not there. */
  strangers: string[]
}

/** Losses of one kind after the same moment, with the time between. */
export interface LossGroup {
  outcome: Outcome
  /** `exited go-shutdown`; `null` if no pod is known. */
  moment: string | null
  count: number
  leastMs: number
  mostMs: number
}

interface ContainerExit {
  container: string
  afterMs: number
  /** The maximum error. */
  errorMs: number
  detail: string | null
}

export function summarizeAnalysis(analysis: Analysis): Omit<ServerMark, 'date' | 'strangers'> {
  const { verdict, because, ledger, losses, pods } = analysis
  const kinds = (Object.entries(ledger.outcomes) as [Outcome, number][])
    .filter(([outcome, count]) => outcome !== 'ok' && count > 0)
    .sort(([, a], [, b]) => b - a)
  const groups = Map.groupBy(losses, (loss) => `${loss.outcome} ${formatMoment(loss) ?? ''}`)
  const exits = pods.flatMap(({ deletionUs, containers }) =>
    containers.flatMap(({ name, moments }) => {
      const [exit] = moments.filter(({ moment }) => moment === 'exited').sort((a, b) => a.errorUs - b.errorUs)
      if (deletionUs === null || !exit) return []
      const [afterMs, errorMs] = [exit.atUs - deletionUs, exit.errorUs].map((us) => Math.round(us / 1000)) as [
        number,
        number,
      ]
      return [{ container: name, afterMs, errorMs, detail: exit.detail }]
    }),
  )
  return {
    verdict,
    because,
    sent: ledger.sent,
    lost: ledger.lost,
    kinds,
    losses: [...groups.values()].map(summarizeGroup).sort((a, b) => b.count - a.count),
    exits,
  }
}

function summarizeGroup(losses: readonly Loss[]): LossGroup {
  const [first] = losses
  if (!first) throw new Error('a group has a loss')
  const since = losses.map(({ moment }) => Math.round((moment?.sinceUs ?? 0) / 1000))
  const { outcome } = first
  const [leastMs, mostMs] = [Math.min(...since), Math.max(...since)]
  return { outcome, moment: formatMoment(first), count: losses.length, leastMs, mostMs }
}

function formatMoment({ moment }: Loss): string | null {
  if (moment === null) return null
  return [moment.name, moment.container].filter((part) => part !== null).join(' ')
}

/** Kinds below this share of the losses may be missing on the other cluster. */
const minKindShare = 0.1
/** With this few losses the other cluster may have none. */
const fewLosses = 3
const orderOfMagnitude = 10

/** The differences between two clusters for the same play; empty: the same kinds of loss, of the same order of magnitude. */
export function compareMarks(one: ServerMark, other: ServerMark): string[] {
  const problems: string[] = []
  const shares = [one, other].map(({ lost, sent }) => lost / Math.max(1, sent))
  const [least, most] = [Math.min(...shares), Math.max(...shares)]
  if (Math.max(one.lost, other.lost) > fewLosses && most > orderOfMagnitude * least) {
    problems.push(`lost ${formatShare(one)} and ${formatShare(other)}`)
  }
  const found = [listMainKinds(one), listMainKinds(other)] as const
  const all = [one, other].map(({ kinds }) => new Set(kinds.map(([kind]) => kind))) as [Set<Outcome>, Set<Outcome>]
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const missing = found[from].filter((kind) => !all[to].has(kind))
    if (missing.length > 0) problems.push(`${missing.join(', ')} on one only`)
  }
  return problems
}

function listMainKinds({ kinds, lost }: ServerMark): Outcome[] {
  return kinds.filter(([, count]) => count > fewLosses && count >= minKindShare * lost).map(([kind]) => kind)
}

export function formatShare({ lost, sent }: Pick<ServerMark, 'lost' | 'sent'>): string {
  return `${lost} of ${sent} (${sent === 0 ? '0.0' : ((100 * lost) / sent).toFixed(1)} %)`
}
