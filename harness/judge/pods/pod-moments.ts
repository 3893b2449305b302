/** The moments of a pod's life in order. */
import type { ContainerMoment } from '../../model/record.ts'
import type { ContainerTimeline, Loss, PodTimeline, PodMoment, Observation } from '../../model/result.ts'
import { getEarliestUs, isClaim, getLatestUs } from './certainty.ts'

interface NamedMoment extends Observation {
  name: PodMoment
  container: string | null
}

/** In causal order: of moments at the same instant, the later in this list counts as later. */
const causalOrder: readonly PodMoment[] = [
  'created',
  'started',
  'ready',
  'unhealthy',
  'deletion',
  'stopping',
  'hook-began',
  'hook-ended',
  'hook-failed',
  'signal',
  'stopped-accepting',
  'exited',
  'endpoint-removed',
  'removed-from-proxy',
  'gone',
]

/** The latest moment of a pod's life at or before an instant; claims only if they are certain to be before. */
export function findMomentBefore(life: PodTimeline, atUs: number): Loss['moment'] {
  const latest = getMoments(life).findLast((moment) => getLatestUs(moment) <= atUs)
  return latest === undefined ? null : { ...latest, sinceUs: atUs - latest.atUs }
}

/** When the pod's containers were signalled, ascending. */
export function listSignalsUs(life: PodTimeline): number[] {
  return listExactInstants(life, ['signal'])
}

/** When a container of the pod was signalled or exited, ascending. */
export function listStopsUs(life: PodTimeline): number[] {
  return listExactInstants(life, ['signal', 'exited'])
}

/** Maximum delay of the news of a deletion on a cluster that keeps up. */
const newsLagUs = 100_000

/** From the last stop before an instant, or from other known moments of the pod. */
export function computeStopDistanceUs(life: PodTimeline, atUs: number): number {
  const { deletionUs, readyUs } = life
  const wasDeleted = deletionUs !== null && deletionUs <= atUs + newsLagUs
  const lastUs = listStopsUs(life).findLast((stopUs) => stopUs <= atUs) ?? (wasDeleted ? deletionUs : readyUs)
  return lastUs === null ? Infinity : Math.abs(atUs - lastUs)
}

/** The minimum distance of the nearest stop from an instant, by claims; 0 if there is an exact moment or none at all. */
export function computeClaimedGapUs(life: PodTimeline, atUs: number): number {
  const stops = getMoments(life).filter(({ name }) => name === 'signal' || name === 'exited')
  if (stops.length === 0 || stops.some((told) => !isClaim(told))) return 0
  return stops.reduce(
    (least, told) => Math.min(least, Math.max(0, Math.abs(told.atUs - atUs) - told.errorUs)),
    Infinity,
  )
}

/**
 * Whether a container of the pod was signalled or exited within a span, by exact moments only. An exit may be noticed somewhat later; a
 * container that is sent KILL ends between that and its exit.
 */
export function hasStoppedWithin({ containers }: PodTimeline, fromUs: number, toUs: number, noticeUs: number): boolean {
  return containers.some(({ moments }) =>
    moments.some((told) => {
      if (isClaim(told) || (told.moment !== 'signal' && told.moment !== 'exited')) return false
      const { atUs } = told
      if (told.moment === 'exited') return fromUs <= atUs && atUs <= toUs + noticeUs
      if (atUs > toUs || fromUs <= atUs) return atUs <= toUs
      const exit = moments.find(({ moment, atUs: exitUs }) => moment === 'exited' && exitUs >= atUs)
      return told.detail === 'SIGKILL' && (exit === undefined || fromUs <= exit.atUs)
    }),
  )
}

/** When a server of the pod was signalled, stopped accepting or ended, ascending: from the first of these on it may not answer. */
export function listClosingUs(life: PodTimeline): number[] {
  return listExactInstants(life, ['signal', 'stopped-accepting', 'exited'])
}

/**
 * The first action from an instant on that stops a container of the pod, hooks included; for a claim its earliest possible time. `null` if
 * none is known: an exit alone does not show what came before it.
 */
export function findStopBegunUs(life: PodTimeline, fromUs: number): number | null {
  const first = life.containers
    .flatMap(({ moments }) => moments.filter(({ moment }) => stopBeginnings.has(moment)))
    .filter((told) => getLatestUs(told) >= fromUs)
    .reduce((least, told) => Math.min(least, Math.max(getEarliestUs(told), fromUs)), Infinity)
  return first === Infinity ? null : first
}

const stopBeginnings: ReadonlySet<ContainerMoment> = new Set(['stopping', 'hook-began', 'hook-failed', 'signal'])

/** Whether every container of the pod had exited by then, and none was restarted. */
export function hasExitedBy({ containers }: PodTimeline, atUs: number, how: 'certainly' | 'possibly'): boolean {
  const bound = how === 'certainly' ? getLatestUs : getEarliestUs
  return (
    containers.length > 0 &&
    containers.every(({ moments }) => {
      const known = moments.filter((told) => bound(told) <= atUs)
      return known.findLast(({ moment }) => moment === 'exited' || moment === 'started')?.moment === 'exited'
    })
  )
}

/** Exact moments only: claims only limit when something happened. */
function listExactInstants(life: PodTimeline, names: readonly ContainerMoment[]): number[] {
  return life.containers
    .flatMap(({ moments }) => moments.filter((told) => names.includes(told.moment) && !isClaim(told)))
    .map(({ atUs }) => atUs)
    .sort((a, b) => a - b)
}

/** Needed for every loss; a traced life does not change. */
const momentsByLife = new WeakMap<PodTimeline, NamedMoment[]>()

function getMoments(life: PodTimeline): NamedMoment[] {
  const moments = momentsByLife.get(life) ?? listMoments(life)
  momentsByLife.set(life, moments)
  return moments
}

function listMoments(life: PodTimeline): NamedMoment[] {
  const own: [PodMoment, number | null][] = [
    ['created', life.createdUs],
    ['ready', life.readyUs],
    ['deletion', life.deletionUs],
    ['endpoint-removed', life.endpointRemovedUs],
    ['removed-from-proxy', life.removedFromProxyUs],
    ['gone', life.goneUs],
  ]
  const ofPod = own.flatMap(([name, atUs]): NamedMoment[] =>
    atUs === null ? [] : [{ name, container: null, atUs, errorUs: 0, source: 'watch', detail: null }],
  )
  const ofContainers = life.containers.flatMap(({ name: container, moments }) =>
    moments.flatMap(({ moment, ...told }): NamedMoment[] =>
      // The pod's readiness matters for traffic, not a container's. Probes of a container that is being stopped must fail.
      moment === 'ready' || moment === 'not-ready' || (moment === 'unhealthy' && isStopping(moments, told.atUs))
        ? []
        : [{ name: moment, container, ...told }],
    ),
  )
  return [...ofPod, ...ofContainers].sort(
    (a, b) => a.atUs - b.atUs || causalOrder.indexOf(a.name) - causalOrder.indexOf(b.name),
  )
}

function isStopping(moments: ContainerTimeline['moments'], atUs: number): boolean {
  const last = moments.findLast((told) => told.atUs <= atUs && told.moment !== 'unhealthy')
  return last !== undefined && last.moment !== 'started'
}

/** After these moments a server does not accept, whatever its log says. */
const stopMoments: ReadonlySet<ContainerMoment> = new Set(['signal', 'stopped-accepting', 'exited'])

/**
 * Whether every server of the pod has logged that it listens, with no action on any of them since. A log in whole seconds only claims an
 * end, which counts from its earliest possible time.
 */
export function isListening({ containers }: PodTimeline, atUs: number): boolean {
  return (
    containers.length > 0 &&
    containers.every(({ moments }) => {
      const known = moments.filter((entry) => entry.source === 'log' && !isClaim(entry) && entry.atUs <= atUs)
      const mayHaveStopped = moments.some((entry) => {
        return isClaim(entry) && stopMoments.has(entry.moment) && getEarliestUs(entry) <= atUs
      })
      if (mayHaveStopped) return false
      return known.at(-1)?.moment === 'started'
    })
  )
}
