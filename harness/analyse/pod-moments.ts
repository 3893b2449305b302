/** The moments of a pod's life in the order in which they happened. */
import type { Loss, PodLife, PodMoment } from '../model/result.ts'

interface Moment {
  name: PodMoment
  container: string | null
  atUs: number
}

/** In causal order: of moments at the same instant the later in this list counts as the later. */
const order: readonly PodMoment[] = [
  'created',
  'started',
  'ready',
  'deletion',
  'hook-began',
  'hook-ended',
  'hook-failed',
  'signal',
  'exited',
  'endpoint-removed',
  'unprogrammed',
  'gone',
]

/** The latest moment of a pod's life at or before an instant. */
export function momentBefore(life: PodLife, atUs: number): Loss['moment'] {
  const latest = momentsOf(life).findLast((moment) => moment.atUs <= atUs)
  return latest === undefined ? null : { ...latest, sinceUs: atUs - latest.atUs }
}

/** When the pod's containers were signalled, ascending. */
export function signalsUs(life: PodLife): number[] {
  return instantsOf(life, ['signal'])
}

/** When a container of the pod was signalled or exited, ascending. */
export function stopsUs(life: PodLife): number[] {
  return instantsOf(life, ['signal', 'exited'])
}

function instantsOf(life: PodLife, names: readonly PodMoment[]): number[] {
  return momentsOf(life)
    .filter(({ name }) => names.includes(name))
    .map(({ atUs }) => atUs)
}

function momentsOf(life: PodLife): Moment[] {
  const own: [PodMoment, number | null][] = [
    ['created', life.createdUs],
    ['ready', life.readyUs],
    ['deletion', life.deletionUs],
    ['endpoint-removed', life.endpointRemovedUs],
    ['unprogrammed', life.unprogrammedUs],
    ['gone', life.goneUs],
  ]
  const ofPod = own.flatMap(([name, atUs]): Moment[] => (atUs === null ? [] : [{ name, container: null, atUs }]))
  const ofContainers = life.containers.flatMap(({ name: container, moments }) =>
    moments.flatMap(({ moment, atUs }): Moment[] =>
      // Readiness is the pod's: a container's own says nothing of the traffic.
      moment === 'ready' || moment === 'not-ready' ? [] : [{ name: moment, container, atUs }],
    ),
  )
  return [...ofPod, ...ofContainers].sort((a, b) => a.atUs - b.atUs || order.indexOf(a.name) - order.indexOf(b.name))
}
