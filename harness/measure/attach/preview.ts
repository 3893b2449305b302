/** What a run on a target would do, for `--dry-run`. */
import { formatCount } from '../../base/figures.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import type { Method } from '../../model/load/client.ts'
import { resolveRequests } from '../../model/load/lane-requests.ts'
import { listRequests, nameRequests } from '../../model/load/requests.ts'
import { workloadLanes } from '../../model/plan.ts'
import type { LoadPlan, Scenario, Via } from '../../model/plan.ts'
import { formatEstimate } from '../estimate.ts'
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { PlannedRun } from '../plan-runs.ts'
import { describeSteps } from '../../model/steps/labels.ts'
import { computeUndisturbed, listDisruptions } from '../../model/steps/order.ts'
import type { ReadTarget } from './read-target.ts'
import { formatTarget } from './target.ts'

/** The output of `--dry-run --json`. */
export interface Preview {
  target: { name: string; namespace: string; replicas: number }
  load: {
    /** `GET /cart`, without queries. */
    requests: string[]
    /** The target of the load, in words. */
    to: string
    ratePerSecond: number
    /** In each run, in addition to those of the disruption itself. */
    requestsAtLeast: number
  }
  disruptions: string[]
  /** Objects created in the cluster, by kind and name; deleted with the run's own namespace. */
  creates: string[]
  /** Resources read in the target's namespace. */
  reads: string[]
  /** By what a lost request is attributed to a pod. */
  attribution: string
  runs: string
  /** The disruption comes from outside. */
  watched: boolean
}

/** `connectionTracking`: as in the options. */
export function describePreview(
  planned: readonly PlannedRun[],
  { workload, replicas }: Pick<ReadTarget, 'workload' | 'replicas'>,
  connectionTracking?: boolean,
): Preview {
  const { namespace = '', path, containers } = workload
  const [first] = planned
  if (!first) throw new RangeError('Cannot describe runs: there are none')
  const { via, drivers } = first
  const { load, steps } = first.scenario
  const isWatched = steps.some(({ kind }) => kind === 'observed')
  const { beforeMs, afterMs } = computeUndisturbed(steps)
  const target = formatTarget(workload)
  const driver = drivers === 1 ? 'Job driver' : `Job driver of ${drivers} pods`
  const isTracked = via.kind === 'service' && connectionTracking !== false
  const tracker = isTracked && connectionTracking ? ["Pod connection-tracking on each driver's node"] : []
  const own = [driver, 'ConfigMap driver', 'Pod control', 'Service control', ...tracker]
  return {
    target: { name: target, namespace, replicas },
    load: {
      requests: describeRequests(load, path),
      to: describeWay(via, first.workload ?? workload, load.tls !== undefined),
      ratePerSecond: load.ratePerSecond,
      requestsAtLeast: Math.round((load.ratePerSecond * (beforeMs + afterMs)) / 1000),
    },
    disruptions: [...new Set(planned.flatMap(({ scenario }) => describeDisruptions(scenario, target)))],
    creates: via.kind === 'url' ? [] : own,
    reads: ['pods', 'EndpointSlices', 'Events', ...(containers.logs || isWatched ? [] : ['logs'])],
    attribution: describeAttribution(workload, isTracked),
    runs: isWatched ? 'It ends with Ctrl-C, or after --rollouts or --for' : formatEstimate(planned),
    watched: isWatched,
  }
}

function describeAttribution({ identification: { podHeader } }: ReadTarget['workload'], isTracked: boolean): string {
  if (podHeader !== null) return `the header ${podHeader}`
  return isTracked ? "the kernel's connection tracking where that can be read, else by moments" : 'moments alone'
}

/** Lines of text for people. */
export function formatPreview(preview: Preview): string[] {
  const { target, load, disruptions, creates, reads, attribution, runs, watched } = preview
  const pods = target.replicas === 1 ? '1 pod' : `${target.replicas} pods`
  const many = watched
    ? `${formatCount(load.ratePerSecond * 3600)} in an hour`
    : `at least ${formatCount(load.requestsAtLeast)} in each run and those of the disruption itself`
  const made =
    creates.length === 0
      ? 'Made in the cluster: nothing. Without a lane to a pod that nothing disrupts, what the way to the target loses counts as its own'
      : `Made in a namespace of its own${watched ? '' : ' for each run'}, and deleted with it: ${creates.join(', ')}`
  return [
    `Target: ${target.name} in the namespace ${target.namespace}, ${pods}; nothing of it is changed${watched ? '' : ' but by the disruption'}`,
    `Load: ${load.requests.join(', ')} ${load.to}: ${load.ratePerSecond} requests/s, ${many}`,
    ...disruptions.map((one) => `Disruption: ${one}`),
    made,
    `Read in ${target.namespace}: ${reads.join(', ')}`,
    `The result tells which requests were lost, when and how; to a pod they are attributed by ${attribution}`,
    runs,
  ]
}

/** Listed requests have their shares; queries are left out, as they may contain credentials. */
function describeRequests(load: LoadPlan, path: string): string[] {
  const list = listRequests(load)
  if (list === null) return listMethods(load).map((method) => `${method} ${path.replace(/\?.*/, '')}`)
  const named = nameRequests(list.map((one) => ({ ...one, path: one.path ?? path })))
  return named.map((name, place) => (named.length === 1 ? name : `${name} ×${list[place]?.weight ?? 1}`))
}

function listMethods(load: LoadPlan): Method[] {
  const requests = resolveRequests(load)
  const sending = workloadLanes.filter((lane) => load.shares[lane] > 0)
  return [...new Set(sending.map((lane) => requests[lane].method))]
}

function describeWay(via: Via, { service }: ReadTarget['workload'], isSecure: boolean): string {
  if (via.kind !== 'url')
    return `on service/${service.name}, port ${service.ports[0]?.port}${isSecure ? ' over TLS' : ''}`
  return `from this machine to ${via.scheme}://${via.host}:${via.port}, at ${via.address}`
}

function describeDisruptions({ steps, limitMs }: Scenario, target: string): string[] {
  const disruptions = listDisruptions(steps).map(({ step }) => describeDisruption(step, target))
  return [
    ...disruptions.map((words) => `${words} (limit ${limitMs / 1000} s)`),
    ...(disruptions.length > 1 ? [`in this order: ${describeSteps(steps)}`] : []),
  ]
}

/** What is undone at the end of the run. */
const undone: Partial<Record<Disruption['kind'], string>> = {
  scale: ', and back at the end',
  drain: '; the node takes pods again at the end',
}

function describeDisruption(disruption: Disruption, target: string): string {
  if (disruption.kind === 'command') return disruption.argv.map(quoteShellWord).join(' ')
  return `${target}: ${getDisruptionKind(disruption).describe(disruption)}${undone[disruption.kind] ?? ''}`
}
