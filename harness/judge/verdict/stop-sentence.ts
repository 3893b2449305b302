/** After which moments requests were lost, and what went wrong when the pods were stopped: the second half of a run's sentence. */
import type { StopFault } from '../../model/loss.ts'
import type { Loss, PodTimeline } from '../../model/result.ts'
import { formatCount, formatDurationRange, formatList, formatPlural } from '../../base/figures.ts'

type SinceField = 'sinceSignalUs' | 'sinceDeletionUs'

/** From the first to the last loss, after the signals that most of them followed, else after the deletion. */
export function formatWhenLost(losses: readonly Loss[]): string {
  const signalled = listLossesAfter(losses, 'sinceSignalUs')
  if (signalled.length > 0) {
    const bySignal = [...Map.groupBy(signalled, ({ stop }) => stop?.signal ?? null)]
    const says = bySignal.map(([signal, members]) => {
      const { pods, were } = formatPods(members)
      const what = signal === null ? `${were} told to stop` : `${were} sent ${signal}`
      return `${formatRange(members, 'sinceSignalUs', losses.length)} after ${pods} ${what}`
    })
    return `, ${formatList(says)}`
  }
  const deleted = listLossesAfter(losses, 'sinceDeletionUs')
  if (deleted.length === 0) return ''
  return `, ${formatRange(deleted, 'sinceDeletionUs', losses.length)} after the deletion of ${formatPods(deleted).pods}`
}

/** The losses that are known to have come after it, if they are the majority. */
function listLossesAfter(losses: readonly Loss[], since: SinceField): Loss[] {
  const known = losses.filter((loss) => (loss[since] ?? -1) >= 0)
  return 2 * known.length > losses.length ? known : []
}

function formatPods(losses: readonly Loss[]): { pods: string; were: string } {
  const [only, ...others] = new Set(losses.map(({ pod }) => pod))
  return only == null || others.length > 0 ? { pods: 'their pods', were: 'were' } : { pods: only, were: 'was' }
}

/** `0.2–9.4 s`, or `12 of them 0.2–9.4 s` if not all losses are meant. */
function formatRange(losses: readonly Loss[], since: SinceField, total: number): string {
  const known = losses.map((loss) => loss[since] ?? 0)
  const first = known.reduce((least, us) => Math.min(least, us), Infinity)
  const last = known.reduce((most, us) => Math.max(most, us), -Infinity)
  const some = losses.length < total ? `${formatCount(losses.length)} of them ` : ''
  return `${some}${formatDurationRange(first, last)}`
}

/**
 * A proxy answers with an error both for a request that was being served by the server behind it when that was stopped, and for one that
 * came afterwards: a server that finishes its requests prevents the first, but only one that outlives its proxy prevents the second.
 */
export function formatProxyErrors(losses: readonly Loss[]): string {
  const failed = losses.filter(({ outcome, stop }) => outcome === 'http-5xx' && stop?.signal != null)
  const names = new Set(failed.map(({ stop }) => `${stop?.container} ${stop?.signal}`))
  const [first] = failed
  if (first?.stop == null || names.size > 1) return ''
  const { container, signal } = first.stop
  const groups = Map.groupBy(failed, ({ request, stop }) => {
    const writtenUs = request.connectedUs ?? request.sentUs ?? request.dueUs
    if (stop!.exitedUs !== null && stop!.exitedUs <= writtenUs) return `sent after ${container} had exited`
    if (stop!.signalUs === null) return null
    return stop!.signalUs <= writtenUs
      ? `sent after ${container} got ${signal}`
      : `under way when ${container} got ${signal}`
  })
  const known = [...groups].filter((group): group is [string, Loss[]] => group[0] !== null)
  if (known.length === 0) return ''
  const sorted = known.sort(([, one], [, other]) => other.length - one.length)
  return `; of the http 5xx ${formatList(sorted.map(([what, { length }]) => `${formatCount(length)} ${length === 1 ? 'was' : 'were'} ${what}`))}`
}

/** In how many of the pods that left the stop of a container went wrong and was followed by losses; empty for none. */
export function formatStopFaults(losses: readonly Loss[], pods: readonly PodTimeline[]): string {
  const left = pods.filter(({ deletionUs }) => deletionUs !== null)
  const faults = left.flatMap(({ pod, containers }) =>
    containers.flatMap(({ name, faults: own }) => own.map((fault) => ({ pod, name, fault }))),
  )
  const lastLostUs = new Map<string | null, number>()
  for (const { pod, candidates, lostUs } of losses) {
    for (const one of [pod, ...candidates]) lastLostUs.set(one, Math.max(lostUs, lastLostUs.get(one) ?? lostUs))
  }
  const harmful = new Set(
    faults
      .filter(({ pod, fault }) => fault.atUs <= (lastLostUs.get(pod) ?? -Infinity))
      .map(({ name, fault }) => `${name} ${fault.kind}`),
  )
  const relevant = faults.filter(({ name, fault }) => harmful.has(`${name} ${fault.kind}`))
  const groups = Map.groupBy(relevant, ({ name, fault }) =>
    JSON.stringify(faultFormatters[fault.kind](name, fault as never)),
  )
  return [...groups]
    .map(([says, members]) => {
      const [what, more] = JSON.parse(says) as [string, string]
      const some = new Set(members.map(({ pod }) => pod)).size
      return `; ${what} in ${formatCount(some)} of ${formatPlural(left.length, 'pod')}${more}`
    })
    .join('')
}

type FaultFormatter<K> = (name: string, fault: Extract<StopFault, { kind: K }>) => [what: string, more: string]

const faultFormatters: { [K in StopFault['kind']]: FaultFormatter<K> } = {
  'hook-failed': (name, { detail }) => [`the preStop hook of ${name} failed`, formatFaultDetail(detail)],
  'hook-outlasted-grace': (name, { graceSeconds }) => [
    `the preStop hook of ${name} outlasted the grace period of ${graceSeconds} s`,
    '',
  ],
  'outlived-signal': (name, { signal, graceSeconds }) => [
    `${name} did not end on ${signal ?? 'its stop signal'}`,
    ` and was killed when its grace period of ${graceSeconds} s was used up`,
  ],
}

const maxDetailLength = 80

/** An exit code, or the message of a kubelet. */
function formatFaultDetail(detail: string | null): string {
  if (detail === null) return ''
  if (/^\d+$/.test(detail)) return ` (exit code ${detail})`
  return detail.length <= maxDetailLength ? ` (${detail})` : ` (${detail.slice(0, maxDetailLength)}…)`
}
