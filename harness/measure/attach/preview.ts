/** What a run on a target would do, for `--dry-run`. */
import { formatCount } from '../../base/figures.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { formatEstimate } from '../estimate.ts'
import type { PlannedRun } from '../plan-runs.ts'
import type { Scenario } from '../../model/plan.ts'
import type { ReadTarget } from './read-target.ts'

/** Lines for people. */
export function formatPreview(planned: readonly PlannedRun[], { workload, replicas }: ReadTarget): string[] {
  const { name, namespace, service, path, identification, containers } = workload
  const [first] = planned
  if (!first) return []
  const { load, phases } = first.scenario
  const pods = replicas === 1 ? '1 pod' : `${replicas} pods`
  const least = Math.round((load.ratePerSecond * (phases.beforeMs + phases.afterMs)) / 1000)
  const who = identification.podHeader === null ? 'by moments alone' : `by the header ${identification.podHeader}`
  return [
    `Target: deployment/${name} in the namespace ${namespace}, ${pods}; nothing of it is changed but by the disruption`,
    `Load: GET ${path} on service/${service.name}, port ${service.ports[0]?.port}: ${load.ratePerSecond} requests/s, at least ${formatCount(least)} in each run and those of the disruption itself`,
    ...new Set(planned.map(({ scenario }) => `Disruption: ${describeDisruption(scenario, name)}`)),
    `Made in a namespace of its own for each run, and deleted with it: Job driver, its ConfigMap, Pod and Service control`,
    `Read in ${namespace}: pods, EndpointSlices, Events${containers.logs ? '' : ', logs'}`,
    `The result tells which requests were lost, when and how; to a pod they are attributed ${who}`,
    formatEstimate(planned),
  ]
}

function describeDisruption({ disruption, phases }: Scenario, name: string): string {
  const words: Record<typeof disruption.kind, string> = {
    command: disruption.kind === 'command' ? disruption.argv.map(quoteShellWord).join(' ') : '',
    'rollout-restart': `an annotation of the pod template of deployment/${name} restarts its rollout`,
    scale: disruption.kind === 'scale' ? `deployment/${name} is scaled to ${disruption.to}, and back at the end` : '',
    autoscale: '',
    evict: `all pods of deployment/${name} are evicted`,
    delete: `pods of deployment/${name} are deleted`,
    update: '',
    drain: '',
  }
  return `${words[disruption.kind]} (limit ${phases.limitMs / 1000} s)`
}
