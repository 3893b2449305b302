/** What a run on a target would do, for `--dry-run`. */
import { formatCount } from '../../base/figures.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { formatEstimate } from '../estimate.ts'
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { PlannedRun } from '../plan-runs.ts'
import { listRequests, nameRequests } from '../../model/load/requests.ts'
import type { LoadPlan, Scenario } from '../../model/plan.ts'
import { describeSteps } from '../../model/steps/labels.ts'
import { computeUndisturbed, listDisruptions } from '../../model/steps/order.ts'
import type { ReadTarget } from './read-target.ts'

/** Lines for people. */
export function formatPreview(planned: readonly PlannedRun[], { workload, replicas }: ReadTarget): string[] {
  const { name, namespace, service, path, identification, containers } = workload
  const [first] = planned
  if (!first) return []
  const { load, steps } = first.scenario
  const isWatched = steps.some(({ kind }) => kind === 'observed')
  const { beforeMs, afterMs } = computeUndisturbed(steps)
  const pods = replicas === 1 ? '1 pod' : `${replicas} pods`
  const least = Math.round((load.ratePerSecond * (beforeMs + afterMs)) / 1000)
  const many = isWatched
    ? `${formatCount(load.ratePerSecond * 3600)} in an hour`
    : `at least ${formatCount(least)} in each run and those of the disruption itself`
  const who = identification.podHeader === null ? 'by moments alone' : `by the header ${identification.podHeader}`
  return [
    `Target: deployment/${name} in the namespace ${namespace}, ${pods}; nothing of it is changed${isWatched ? '' : ' but by the disruption'}`,
    `Load: ${describeRequests(load, path)} on service/${service.name}, port ${(first.workload ?? workload).service.ports[0]?.port}${load.tls ? ' over TLS' : ''}: ${load.ratePerSecond} requests/s, ${many}`,
    ...new Set(planned.flatMap(({ scenario }) => describeDisruptions(scenario, name))),
    `Made in a namespace of its own${isWatched ? '' : ' for each run'}, and deleted with it: Job driver, its ConfigMap, Pod and Service control`,
    `Read in ${namespace}: pods, EndpointSlices, Events${containers.logs || isWatched ? '' : ', logs'}`,
    `The result tells which requests were lost, when and how; to a pod they are attributed ${who}`,
    isWatched ? 'It ends with Ctrl-C, or after --rollouts or --for' : formatEstimate(planned),
  ]
}

function describeDisruptions({ steps, limitMs }: Scenario, name: string): string[] {
  const disruptions = listDisruptions(steps).map(({ step }) => describeDisruption(step, name))
  return [
    ...disruptions.map((words) => `Disruption: ${words} (limit ${limitMs / 1000} s)`),
    ...(disruptions.length > 1 ? [`In this order: ${describeSteps(steps)}`] : []),
  ]
}

function describeDisruption(disruption: Disruption, name: string): string {
  if (disruption.kind === 'command') return disruption.argv.map(quoteShellWord).join(' ')
  const words = `deployment/${name}: ${getDisruptionKind(disruption).describe(disruption)}`
  return disruption.kind === 'scale' ? `${words}, and back at the end` : words
}

/** Each with its part, where they are several; without their queries, which may have credentials. */
function describeRequests(load: LoadPlan, path: string): string {
  const list = listRequests(load)
  if (list === null) return `GET ${path}`
  const named = nameRequests(list.map((one) => ({ ...one, path: one.path ?? path })))
  return named.map((name, place) => (named.length === 1 ? name : `${name} ×${list[place]?.weight ?? 1}`)).join(', ')
}
