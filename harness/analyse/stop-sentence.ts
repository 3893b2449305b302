/** After what requests were lost, and what went wrong when the pods were stopped: the second half of a run's sentence. */
import type { StopFault } from '../model/loss.ts'
import type { Loss, PodLife } from '../model/result.ts'
import { count, durations, listed, plural } from './wording.ts'

/** From the first to the last loss, after the signal that all of them came after, else after the deletion. */
export function whenSays(losses: readonly Loss[]): string {
  const pods = new Set(losses.map(({ pod }) => pod))
  const [only] = pods
  const [whose, were] = pods.size === 1 && only != null ? [only, 'was'] : ['their pods', 'were']
  const bySignal = [...Map.groupBy(losses, ({ stop }) => stop?.signal ?? null)]
  const signals = bySignal.map(([signal, members]): string | null => {
    const range = rangeSays(members.map(({ sinceSignalUs }) => sinceSignalUs))
    const what = signal === null ? `${were} told to stop` : `${were} sent ${signal}`
    const some = bySignal.length === 1 ? '' : `${count(members.length)} of them `
    return range === null ? null : `${some}${range} after ${whose} ${what}`
  })
  if (losses.length > 0 && signals.every((says) => says !== null)) return `, ${listed(signals)}`
  const range = rangeSays(losses.map(({ sinceDeletionUs }) => sinceDeletionUs))
  return range === null ? '' : `, ${range} after the deletion of ${whose}`
}

/** `0.2–9.4 s`; `null` where not all are known, or one came before. */
function rangeSays(since: readonly (number | null)[]): string | null {
  const known = since.filter((us) => us !== null)
  if (known.length === 0 || known.length < since.length) return null
  const first = known.reduce((least, us) => Math.min(least, us), Infinity)
  const last = known.reduce((most, us) => Math.max(most, us), -Infinity)
  return first < 0 ? null : durations(first, last)
}

/**
 * A proxy answers with an error both for a request that was in the hands of the server behind it when that stopped, and for one that
 * came when it had exited: the first is cured by a server that finishes, the second only by one that outlives its proxy.
 */
export function sentTooLateSays(losses: readonly Loss[]): string {
  const failed = losses.filter(({ outcome, stop }) => outcome === 'http-5xx' && stop !== null)
  const late = failed.filter(({ request, stop }) => {
    const writtenUs = request.connectedUs ?? request.sentUs
    return writtenUs !== null && stop !== null && stop.exitedUs !== null && stop.exitedUs <= writtenUs
  })
  if (late.length === 0) return ''
  const names = listed([...new Set(late.map(({ stop }) => stop!.container))].sort())
  const early = failed.length - late.length
  const others = early === 0 ? '' : `, ${count(early)} before`
  return `; ${count(late.length)} of the http 5xx were sent after ${names} had exited${others}`
}

/** Of the pods that left, in how many the stop of a container went wrong; empty where it did in none. */
export function faultsSay(pods: readonly PodLife[]): string {
  const left = pods.filter(({ deletionUs }) => deletionUs !== null)
  const faults = left.flatMap(({ pod, containers }) =>
    containers.flatMap(({ name, faults: own }) => own.map((fault) => ({ pod, name, fault }))),
  )
  const groups = Map.groupBy(faults, ({ name, fault }) => JSON.stringify(faultSays[fault.kind](name, fault as never)))
  return [...groups]
    .map(([says, members]) => {
      const [what, more] = JSON.parse(says) as [string, string]
      const some = new Set(members.map(({ pod }) => pod)).size
      return `; ${what} in ${count(some)} of ${plural(left.length, 'pod')}${more}`
    })
    .join('')
}

type Says<K> = (name: string, fault: Extract<StopFault, { kind: K }>) => [what: string, more: string]

const faultSays: { [K in StopFault['kind']]: Says<K> } = {
  'hook-failed': (name, { detail }) => [`the preStop hook of ${name} failed`, complaint(detail)],
  'hook-outlasted-grace': (name, { graceSeconds }) => [
    `the preStop hook of ${name} outlasted the grace period of ${graceSeconds} s`,
    '',
  ],
  'outlived-signal': (name, { signal, graceSeconds }) => [
    `${name} did not end on ${signal ?? 'its stop signal'}`,
    ` and was killed when its grace period of ${graceSeconds} s was used up`,
  ],
}

const longestComplaint = 80

/** Of an exit code, or of what a kubelet says. */
function complaint(detail: string | null): string {
  if (detail === null) return ''
  if (/^\d+$/.test(detail)) return ` (exit code ${detail})`
  return detail.length <= longestComplaint ? ` (${detail})` : ` (${detail.slice(0, longestComplaint)}…)`
}
