/** The sentences about the cause of a row. Servers are named by their containers. */
import { formatCount, formatList, formatMeasured, formatPlural } from '../../base/figures.ts'
import type { PodMargin, RowMargin } from '../../model/figures/margin.ts'
import type { StopFault } from '../../model/loss.ts'
import type { Loss, PodTimeline } from '../../model/result.ts'
import type { WorkloadContainers } from '../../model/workload.ts'
import { isClaim } from '../pods/certainty.ts'
import { nameEndingBy, newsLagUs } from './name-ending.ts'
import { formatError, formatUpstreamSpan } from './row-margin.ts'
import type { PodOfUpstream } from './row-margin.ts'

/** The kinds of loss that have a sentence each. `stayed`: by a pod that did not leave. */
export type Way = 'refused' | 'podless' | 'upstream' | 'cut' | 'unanswered' | 'controller' | 'stayed' | 'other'

export interface Seen {
  containers: WorkloadContainers
  /** Pods that left, over all rounds. */
  leaving: readonly PodTimeline[]
  /** The pod of each margin, and of each loss that belongs to a pod that left. */
  lives: ReadonlyMap<Loss | PodMargin, PodTimeline>
  margin: RowMargin | null
  upstream: PodOfUpstream | null
  ways: ReadonlyMap<Way, readonly Loss[]>
}

type Explainer = (losses: readonly Loss[], seen: Seen) => string

export const explainers: Record<Way, Explainer> = {
  refused: explainRefused,
  podless: (losses) => `The Service had no pod to send ${formatRequests(losses)} to.`,
  upstream: explainUpstream,
  cut: explainCut,
  unanswered: (losses) => `${formatRequests(losses)} got no answer.`,
  controller: (losses) => `The ingress controller failed ${formatRequests(losses)} itself.`,
  stayed: (losses) => `Pods that stayed failed ${formatRequests(losses)}: ${formatKinds(losses)}.`,
  other: (losses) => `${formatRequests(losses)} failed otherwise: ${formatKinds(losses)}.`,
}

function explainRefused(losses: readonly Loss[], { containers: { front }, margin }: Seen): string {
  const fresh = margin?.tightest.fresh
  const refused = `${formatRequests(losses)} ${losses.length === 1 ? 'was' : 'were'} refused`
  if (fresh && !fresh.answeringAtLeast && Math.abs(fresh.marginUs) <= fresh.errorUs) {
    const within = `within ${formatError(fresh.errorUs)}`
    return `${front} stops listening as the last new connections come, ${within}: ${refused}.`
  }
  if (!fresh || fresh.answeringAtLeast || fresh.marginUs > 0) {
    return `${refused}; when ${front} stopped listening was not seen.`
  }
  const { answeringUs, marginUs, errorUs, atLeast } = fresh
  const when =
    answeringUs <= errorUs ? 'as its pod is deleted' : `${formatMeasured(answeringUs, errorUs)} after the deletion`
  const more = `${atLeast ? 'at least ' : ''}${formatMeasured(-marginUs, errorUs)}`
  return `${front} stops listening ${when}; connections keep coming for ${more} more.`
}

function explainUpstream(losses: readonly Loss[], { containers: { front }, upstream, lives }: Seen): string {
  if (upstream === null) return `${formatRequests(losses)} failed with ${formatStatuses(losses)}.`
  const says = `${front} answers ${upstream.upstream.status} ${formatUpstreamSpan(upstream)}`
  const pod = lives.get(upstream)
  const gone = listOthers(pod, front)
    .flatMap((name) => {
      const exit = pod && findExit(pod, name)
      return exit ? [{ name, ...exit }] : []
    })
    .sort((a, b) => a.atUs - b.atUs)
    .find(({ atUs }) => atUs <= upstream.deletionUs + upstream.upstream.toUs)
  if (!gone) return `${says}; when the server behind it ended was not seen.`
  const afterUs = gone.atUs - upstream.deletionUs
  return `${says}: ${gone.name} is gone ${formatMeasured(afterUs, gone.errorUs + watchErrorUs)} after the deletion.`
}

/** The maximum delay of the news of a deletion on a cluster that keeps up. */
const watchErrorUs = 20_000

function explainCut(losses: readonly Loss[], { containers: { front }, margin, ways, lives }: Seen): string {
  const kept = losses.filter(({ request }) => request.use > 1).length
  const some =
    kept === losses.length
      ? ' on kept connections'
      : kept === 0
        ? ''
        : `, ${formatCount(kept)} of them on kept connections`
  const endings = losses.map((loss) => {
    const life = loss.attributedBy === null ? undefined : lives.get(loss)
    return life ? nameEndingBy(life, front, loss.lostUs) : null
  })
  const ending = nameMostFrequent(endings)
  const cutBy = ending?.endsWith(' quits') ? `${ending} and cuts` : `${ending} cuts`
  const says =
    ending === null
      ? `${formatRequests(losses)} ${losses.length === 1 ? 'was' : 'were'} cut under way${some}; by what was not seen.`
      : `${cutBy} ${formatRequests(losses)} under way${some}.`
  const fresh = margin?.tightest.fresh
  const isFreshLost = [...ways.values()].flat().some(({ request }) => request.use === 1)
  if (!fresh || fresh.marginUs <= fresh.errorUs || fresh.atLeast || isFreshLost) return says
  return `New connections are safe: ${front} outlasts them by ${formatMeasured(fresh.marginUs, fresh.errorUs)}. But ${says}`
}

function nameMostFrequent(names: readonly (string | null)[]): string | null {
  const groups = [...Map.groupBy(names, (name) => name)]
  return groups.sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null
}

/** Why no request was lost. */
export function explainNoLoss(seen: Seen): string[] {
  const { containers, margin, leaving } = seen
  const { front } = containers
  const fresh = margin?.tightest.fresh
  if (leaving.length === 0) return ['No pod left.']
  if (!fresh) {
    const reached = leaving.some((pod) => pod.lastFreshUs !== null || pod.lastLedUs !== null)
    return [
      reached
        ? `When ${front} stopped listening was not seen.`
        : 'For how long new connections came to pods that left was not seen.',
    ]
  }
  const { marginUs, errorUs, answeringAtLeast } = fresh
  if (answeringAtLeast && marginUs <= errorUs) return [`When ${front} stopped listening was not seen.`]
  if (Math.abs(marginUs) <= errorUs) {
    return [
      `${front} stops listening as the last new connections come, within ${formatError(errorUs)}: there is nothing to spare.`,
    ]
  }
  if (marginUs < 0) {
    return [
      `${front} stops listening ${formatMeasured(-marginUs, errorUs)} before the last new connection comes; none was lost.`,
    ]
  }
  const least = answeringAtLeast ? 'at least ' : ''
  return [
    `${front} answers for ${least}${formatMeasured(marginUs, errorUs)} longer than new connections come, and cuts nothing that is under way.${formatOutliving(seen)}`,
  ]
}

/** Names containers behind the front one, if every pod shows that they ended after it. */
function formatOutliving({ containers: { front }, leaving }: Seen): string {
  const outliving = listOthers(leaving[0], front).filter((name) =>
    leaving.every((pod) => {
      const [own, other] = [findExit(pod, front), findExit(pod, name)]
      return own !== null && other !== null && own.atUs + own.errorUs < other.atUs - other.errorUs
    }),
  )
  if (outliving.length === 0) return ''
  return ` ${formatList(outliving)} ${outliving.length === 1 ? 'outlives' : 'outlive'} it.`
}

/** What went wrong when containers were stopped, each kind once. */
export function explainStops({ leaving }: Seen): string[] {
  const says = leaving.flatMap((pod) =>
    pod.containers.flatMap(({ name, faults }) => faults.map((fault) => explainFault(name, fault))),
  )
  return [...new Set(says)]
}

function explainFault(name: string, fault: StopFault): string {
  if (fault.kind === 'hook-failed') return `The preStop hook of ${name} fails.`
  if (fault.kind === 'hook-outlasted-grace') {
    return `The preStop hook of ${name} outlasts the grace period of ${fault.graceSeconds} s.`
  }
  const signal = fault.signal?.replace(/^SIG/, '') ?? 'its stop signal'
  return `${name} does not end on ${signal} and is killed ${fault.graceSeconds} s after the deletion.`
}

/** The pod's other containers with known moments. */
function listOthers(pod: PodTimeline | undefined, front: string): string[] {
  return pod?.containers.map(({ name }) => name).filter((name) => name !== front) ?? []
}

/** When a container exited in its pod's deletion, if the exact time is known. */
function findExit({ containers, deletionUs }: PodTimeline, name: string): { atUs: number; errorUs: number } | null {
  const moments = containers.find((container) => container.name === name)?.moments ?? []
  const exit = moments.findLast(
    (told) => told.moment === 'exited' && !isClaim(told) && told.atUs >= (deletionUs ?? Infinity) - newsLagUs,
  )
  return exit ?? null
}

function formatRequests({ length }: readonly Loss[]): string {
  return formatPlural(length, 'request')
}

function formatKinds(losses: readonly Loss[]): string {
  return formatList([...new Set(losses.map(({ outcome }) => outcome.replaceAll('-', ' ')))])
}

function formatStatuses(losses: readonly Loss[]): string {
  return formatList([...new Set(losses.map(({ request }) => String(request.status)))])
}
