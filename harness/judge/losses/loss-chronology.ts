/**
 * The events around a lost request in order of time: its own steps, the moments of its pod, and what servers logged about it and about
 * other requests just before and after.
 */
import { formatCount, formatDuration, formatInstant } from '../../base/figures.ts'
import type { ContainerTimeline, Loss, PodTimeline } from '../../model/result.ts'
import type { AccessLogExcerpt } from '../../model/server-logs.ts'
import { narrowExcerpts } from '../servers/excerpt-logs.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'
import { formatRequestName } from './payload.ts'

export interface ChronologyLine {
  /** `+2.314 s`, with its error where that is known. */
  at: string
  who: string
  what: string
  /** Concerns the request itself, not its pod. */
  isOwn: boolean
}

interface Event extends Omit<ChronologyLine, 'at'> {
  us: number
  errorUs: number
}

/** Moments of the pod that are further away than this explain nothing. */
const reachUs = 20_000_000

export interface ChronologyRun {
  pods: readonly PodTimeline[]
  logExcerpts: readonly AccessLogExcerpt[]
  scale: TimeScale
}

/** For a loss without a pod: its own steps, and what servers logged about it. */
export function listChronology(loss: Loss, { pods, logExcerpts, scale }: ChronologyRun): ChronologyLine[] {
  const pod = pods.find((one) => one.pod === loss.pod)
  const moments = pod === undefined ? [] : listPodEvents(pod).filter(({ us }) => Math.abs(us - loss.lostUs) <= reachUs)
  return [...listOwnEvents(loss), ...listServedEvents(loss), ...listLoggedEvents(loss, logExcerpts), ...moments]
    .sort((a, b) => a.us - b.us)
    .map(({ us, errorUs, ...line }) => {
      const error = errorUs === 0 ? '' : ` ±${formatDuration(errorUs)}`
      return { at: `${formatInstant(us, scale.originUs)}${error}`, ...line }
    })
}

function listOwnEvents({ request, outcome }: Loss): Event[] {
  const steps: [what: string, us: number | null][] = [
    ['was due', request.dueUs],
    ['was sent', request.sentUs],
    ['had its connection', request.connectedUs],
    ['got the first byte of its answer', request.firstByteUs],
    [`ended: ${outcome}`, request.settledUs],
  ]
  return steps.flatMap(([what, us]) => (us === null ? [] : [{ us, errorUs: 0, who: 'the request', what, isOwn: true }]))
}

function listServedEvents({ served }: Loss): Event[] {
  return (served?.lines ?? []).map(({ atUs, errorUs, container, pod, status, tookUs, upstream }) => {
    const asked = upstream === null || upstream === '' ? '' : `, upstream ${upstream}`
    const what = `of ${pod} logged status ${status} after ${formatDuration(tookUs)}${asked}`
    return { us: atUs, errorUs, who: container, what, isOwn: true }
  })
}

/** What the servers of its pod logged about other requests. */
function listLoggedEvents(loss: Loss, excerpts: readonly AccessLogExcerpt[]): Event[] {
  const { driver, seq } = loss.request
  return narrowExcerpts(excerpts, [loss]).flatMap(({ container, errorUs, lines }) =>
    lines
      .filter((line) => line.driver !== driver || line.seq !== seq)
      .map((line) => ({
        us: line.atUs,
        errorUs,
        who: container,
        what: `logged request ${formatRequestName(line)}: status ${line.status} after ${formatDuration(line.tookUs)}`,
        isOwn: false,
      })),
  )
}

function listPodEvents({ containers, ...life }: PodTimeline): Event[] {
  const own: [what: string, us: number | null][] = [
    ['was created', life.createdUs],
    ['became ready', life.readyUs],
    ['was deleted', life.deletionUs],
    ['lost its endpoint', life.endpointRemovedUs],
    ['was taken out of the node’s rules', life.removedFromProxyUs],
    ['got its last new connection that it answered', life.lastFreshUs],
    ['was gone', life.goneUs],
  ]
  return [
    ...own.flatMap(([what, us]) => (us === null ? [] : [{ us, errorUs: 0, who: 'its pod', what, isOwn: false }])),
    ...containers.flatMap(listContainerEvents),
  ]
}

/** A probe may fail every second: repeated equal reports are one event. */
function listContainerEvents({ name, moments }: ContainerTimeline): Event[] {
  const groups = Map.groupBy(moments, ({ moment, detail }) => JSON.stringify([moment, detail]))
  return [...groups.values()].map((same): Event => {
    const [{ moment, atUs, errorUs, detail }, last] = [same[0]!, same.at(-1)!]
    const more = detail === null ? '' : ` (${detail})`
    const often = same.length === 1 ? '' : `, ${formatCount(same.length)} times in ${formatDuration(last.atUs - atUs)}`
    return { us: atUs, errorUs, who: name, what: `${moment.replaceAll('-', ' ')}${more}${often}`, isOwn: false }
  })
}
