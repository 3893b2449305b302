/** Finds the workload of a run in the objects of a base and a configuration's patch. */
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { buildSamplePath, formatLabelSelector, noIdentification, sampleIdentification } from '../model/workload.ts'
import type { Identification, Workload } from '../model/workload.ts'

/** The sample application's settings in a scenario. */
interface SampleWork {
  workMs: number
  responseBytes?: number
}

/** A malformed value counts as absent: in the dry run before the first run the API server names the field. */
const text = z.string()
const labels = z.record(text, text).catch({})
const container = z.object({
  name: text,
  $patch: text.optional().catch(undefined),
  ports: z.array(z.object({ name: text.optional(), containerPort: z.number() })).catch([]),
})
const podTemplate = z.object({
  metadata: z.object({ labels }).catch({ labels: {} }),
  spec: z.object({ containers: z.array(container).catch([]) }).catch({ containers: [] }),
})
const emptyTemplate: z.infer<typeof podTemplate> = { metadata: { labels: {} }, spec: { containers: [] } }
const selector = z.object({
  matchLabels: z.record(text, text).exactOptional(),
  matchExpressions: z
    .array(z.object({ key: text, operator: text, values: z.array(text).exactOptional() }))
    .exactOptional(),
})
const annotations = z.object({ annotations: labels }).catch({ annotations: {} })
const deployment = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: text, annotations: labels }),
  spec: z
    .object({ selector: selector.catch({}), template: podTemplate.catch(emptyTemplate) })
    .catch({ selector: {}, template: emptyTemplate }),
})
const service = z.object({
  kind: z.literal('Service'),
  metadata: z.object({ name: text }),
  spec: z.object({
    clusterIP: text.optional(),
    selector: labels,
    ports: z
      .array(
        z.object({
          name: text.exactOptional(),
          port: z.number(),
          targetPort: z.union([text, z.number()]).optional(),
        }),
      )
      .min(1),
  }),
})
const anything = z.object({ kind: text, metadata: z.object({ name: text }) })
const patchOfDeployment = z.object({
  metadata: annotations,
  spec: z.object({ template: podTemplate.catch(emptyTemplate) }).catch({ template: emptyTemplate }),
})

type Deployment = z.infer<typeof deployment>
type Service = z.infer<typeof service>
type Container = z.infer<typeof container>

/**
 * The only Deployment of the base, with the configuration's containers, and the Service that selects its pods. Throws a usage Fault without
 * exactly one Deployment, or without such a Service.
 */
export function buildWorkload(objects: readonly object[], patch: object, work: SampleWork): Workload {
  const found = findDeployment(objects)
  const { name } = found.metadata
  const lead = findService(objects, found)
  const change = patchOfDeployment.parse(patch)
  const containers = mergeContainers(found.spec.template.spec.containers, change.spec.template.spec.containers)
  return {
    kind: 'Deployment',
    name,
    selector: found.spec.selector,
    ...describeContainers(containers, lead),
    ...readAnnotations({ ...found.metadata.annotations, ...change.metadata.annotations }, work),
  }
}

/** For pods that run already: from their template's spec and their Service, as returned by the API server. */
export function describePods(podSpec: object, lead: object): Pick<Workload, 'containers' | 'service'> {
  const { containers } = podTemplate.shape.spec.parse(podSpec)
  return describeContainers(containers, service.parse({ ...lead, kind: 'Service' }))
}

function describeContainers(containers: readonly Container[], lead: Service): Pick<Workload, 'containers' | 'service'> {
  const { metadata, spec } = lead
  return {
    containers: { names: containers.map(({ name }) => name), front: findFront(containers, lead) },
    service: {
      name: metadata.name,
      ports: spec.ports.map(({ name, port }) => (name === undefined ? { port } : { name, port })),
    },
  }
}

/** Of several, the one with the sample's name. */
function findDeployment(objects: readonly object[]): Deployment {
  const found = objects.flatMap((object) => deployment.safeParse(object).data ?? [])
  const chosen = found.length === 1 ? found[0] : found.find(({ metadata }) => metadata.name === 'web')
  if (chosen) return chosen
  const others = objects.flatMap((object) => anything.safeParse(object).data ?? [])
  const names = (found.length > 0 ? found : others).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  throw new Fault(
    'usage',
    `Cannot tell what to measure: the base must have one Deployment, or one that is called web, found ${names.join(', ')}`,
    'Put the Deployment, and the Service that leads to its pods, into base/web.yaml.',
  )
}

function findService(objects: readonly object[], { metadata: { name }, spec }: Deployment): Service {
  const own = spec.template.metadata.labels
  const leading = objects
    .flatMap((object) => service.safeParse(object).data ?? [])
    .filter((one) => selects(one.spec.selector, own))
  const chosen = leading.find((one) => one.spec.clusterIP !== 'None')
  if (chosen) return chosen
  const [headless] = leading
  const why = headless
    ? `the Service ${headless.metadata.name} is headless (clusterIP: None) and sends no connection to a pod`
    : `no Service of the base selects pods with ${formatLabelSelector({ matchLabels: own }) || 'no label'}`
  throw new Fault(
    'usage',
    `Cannot reach the Deployment ${name}: ${why}`,
    'Put a Service with a cluster IP into base/web.yaml.',
  )
}

/** A pod template without labels is invalid, as the API server will report. */
function selects(wanted: Record<string, string>, own: Record<string, string>): boolean {
  const pairs = Object.entries(wanted)
  const isMalformed = Object.keys(own).length === 0
  return isMalformed || (pairs.length > 0 && pairs.every(([key, value]) => own[key] === value))
}

/** By name, and their ports by number, like a strategic merge patch. */
function mergeContainers(base: readonly Container[], changes: readonly Container[]): Container[] {
  const merged = new Map(base.map((one) => [one.name, one]))
  for (const { name, $patch, ports } of changes) {
    const byNumber = new Map(merged.get(name)?.ports.map((port) => [port.containerPort, port]))
    for (const port of ports) byNumber.set(port.containerPort, { ...byNumber.get(port.containerPort), ...port })
    if ($patch === 'delete') merged.delete(name)
    else merged.set(name, { name, ports: [...byNumber.values()] })
  }
  return [...merged.values()]
}

/** The container of the Service's port; if none declares that port, the first. */
function findFront(containers: readonly Container[], { spec: { ports } }: Service): string {
  const [port] = ports
  const target = port?.targetPort ?? port?.port
  const isTarget = ({ name, containerPort }: Container['ports'][number]): boolean =>
    name === target || containerPort === target
  return (containers.find((one) => one.ports.some(isTarget)) ?? containers[0])?.name ?? ''
}

const prefix = 'nodrop.dev/'
const headerAnnotations = {
  podHeader: `${prefix}pod-header`,
  workloadHeader: `${prefix}workload-header`,
  requestIdHeader: `${prefix}request-id-header`,
} satisfies Record<keyof Identification, string>
const pathAnnotation = `${prefix}path`

/** A Deployment that names no header is treated as a sample application, which sets all of them; an empty name means that there is none. */
function readAnnotations(given: Record<string, string>, work: SampleWork): Pick<Workload, 'path' | 'identification'> {
  const path = given[pathAnnotation] ?? buildSamplePath(work)
  if (!/^\/[!-~]{0,2000}$/.test(path)) throw invalid(pathAnnotation, path, 'a path that begins with /, without spaces')
  const names = Object.entries(headerAnnotations).flatMap(([key, annotation]) => {
    const name = given[annotation]
    if (name === undefined) return []
    if (!/^[\w!#$%&'*+.^`|~-]{0,200}$/.test(name)) throw invalid(annotation, name, 'the name of a header field')
    return [[key, name === '' ? null : name.toLowerCase()]]
  })
  const identification =
    names.length === 0 ? sampleIdentification : { ...noIdentification, ...Object.fromEntries(names) }
  return { path, identification }
}

function invalid(annotation: string, value: string, rule: string): Fault {
  return new Fault('usage', `Cannot use the annotation ${annotation}: must be ${rule}, found ${JSON.stringify(value)}`)
}
