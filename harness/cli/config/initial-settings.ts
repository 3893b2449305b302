/** The settings that `nodrop init` writes, with alternatives as comments. */
import type { TargetDescription } from '../../measure/attach/describe-target.ts'
import type { Setting } from '../../plan/config/render-config.ts'

const moreGates: readonly Setting[] = [
  { key: 'lossRate', value: '<0.1%', isExample: true },
  { key: 'p99Ms', value: '<250ms', isExample: true },
  { key: 'marginMs', value: '>=500ms', isExample: true },
]

export function buildTargetSettings(found: TargetDescription): Setting[] {
  const { kind, name, namespace, context, probePath, replicas, service } = found
  const pods = replicas === 1 ? '1 pod' : `${replicas} pods`
  const asked =
    probePath === null
      ? ['No readiness probe asks for a path; give one that your clients ask for.']
      : ['What the readiness probe asks for; one that your clients ask for tells more.']
  const target: Setting[] = [
    { key: 'kind', value: kind },
    { key: 'name', value: name },
    { key: 'namespace', value: namespace },
    { key: 'context', value: context },
    { key: 'path', value: probePath ?? '/', comment: asked },
    {
      key: 'podHeader',
      value: 'x-served-by',
      isExample: true,
      comment: ['If answers name their pod in a header, losses are attributed by it.'],
    },
  ]
  return [
    {
      key: 'target',
      value: target,
      comment: [`Found with ${pods}, reached by the Service ${service.name}, port ${service.port ?? 'unknown'}.`],
    },
    {
      key: 'scenarios',
      value: ['rollout'],
      comment: ['What nodrop does to it. nodrop run -- COMMAND runs a command of yours instead.'],
    },
    { key: 'scenarios', value: ['rollout', 'delete'], isExample: true },
    {
      key: 'rate',
      value: 50,
      comment: ['Requests per second, GETs alone.'],
    },
    {
      key: 'driverImage',
      value: 'node:24-slim',
      isExample: true,
      comment: ["The load comes from a pod beside it: any image with Node 24 that the cluster's nodes can pull."],
    },
    { key: 'gates', value: [{ key: 'lost', value: 0 }, ...moreGates], comment: ['What every run must keep.'] },
  ]
}

export function buildSampleSettings(): Setting[] {
  return [
    { key: 'cluster', value: 'auto', comment: ['kind where it is usable, else the embedded cluster (local).'] },
    { key: 'configurations', value: ['naive', 'graceful'], comment: ['nodrop list has all of them.'] },
    {
      key: 'manifests',
      value: './manifests',
      isExample: true,
      comment: ['A folder of your own, with base/ and your configurations.'],
    },
    { key: 'scenarios', value: ['rollout'] },
    { key: 'scenarios', value: ['rollout', 'eviction', 'drain'], isExample: true },
    { key: 'rate', value: 200, comment: ['Requests per second.'] },
    { key: 'rounds', value: 1 },
    {
      key: 'gates',
      value: [{ key: 'lost', value: 0 }, ...moreGates.map((gate) => ({ ...gate, isExample: false }))],
      isExample: true,
      comment: ['Limits that decide in place of what the configurations are there to show.'],
    },
  ]
}
