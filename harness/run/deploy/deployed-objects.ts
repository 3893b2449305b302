/** The part of the API server's answers that goes into plan.json: all that describes an object, without values that may be secret. */
import { createHash } from 'node:crypto'
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { redactUrls } from '../../base/fault.ts'
import type { DeployedImage, DeployedMetadata, DeployedObject } from '../../model/deployed.ts'

type Fields = Record<string, unknown>

/** Fields that the server needs itself or sets anew for each object. */
const serverMetadata: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
])
/** Set by kubectl and by controllers; the first repeats the whole object, including the values of its environment. */
const serverAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
])
const serverLabels: ReadonlySet<string> = new Set(['controller-uid', 'batch.kubernetes.io/controller-uid'])
/** Lists of `{ name, value }`. */
const valueLists: ReadonlySet<string> = new Set(['env', 'httpHeaders'])
/** Lists of the words of a command, of a container, probe or hook. */
const commandLists: ReadonlySet<string> = new Set(['command', 'args'])
const labelMaps: ReadonlySet<string> = new Set(['labels', 'matchLabels'])

/**
 * `ownValues` are new in every run, such as its token; they are written as `<run>`, so that runs can be compared. With `digestsCommands`
 * the words of commands become digests too: commands in another user's workload may contain secrets.
 */
export function toDeployedObject(
  object: KubernetesObject,
  ownValues: ReadonlySet<string>,
  { digestsCommands = false }: { digestsCommands?: boolean } = {},
): DeployedObject {
  const text = JSON.stringify(object, (key, value: unknown) =>
    digestsCommands && commandLists.has(key) ? digestWords(value) : redact(key, value, ownValues),
  )
  const { apiVersion = '', kind = '', metadata, status: _, ...rest } = JSON.parse(text) as KubernetesObject & Fields
  const described = { apiVersion, kind, metadata: describeMetadata(asFields(metadata)), ...rest }
  if (kind === 'Secret' || kind === 'ConfigMap') return { ...described, ...digestData(described) }
  return kind === 'Service' ? { ...described, spec: withoutAddresses(asFields(rest['spec'])) } : described
}

/** The images that pods name, with the digests of what they run. */
export function listImages(pods: readonly V1Pod[]): DeployedImage[] {
  const images = pods.flatMap(({ spec, status }) => {
    const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
    return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name, image = '' }) => {
      const id = statuses.find((one) => one.name === name)?.imageID ?? ''
      return { name: image, digest: /sha256:[0-9a-f]{64}/.exec(id)?.[0] ?? null }
    })
  })
  const unique = new Map(images.map((image) => [`${image.name} ${image.digest}`, image]))
  return [...unique.keys()].sort().map((key) => unique.get(key)!)
}

function redact(key: string, value: unknown, ownValues: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return redactUrls(value)
  if (valueLists.has(key) && Array.isArray(value)) return value.map((entry) => redactEntry(entry, ownValues))
  return labelMaps.has(key) && !Array.isArray(value) ? without(asFields(value), serverLabels) : value
}

function digestWords(value: unknown): unknown {
  return Array.isArray(value) ? value.map((word) => digestOf(String(word))) : value
}

function redactEntry(entry: unknown, ownValues: ReadonlySet<string>): unknown {
  const fields = asFields(entry)
  const { value } = fields
  if (typeof value !== 'string') return entry
  return { ...fields, value: ownValues.has(value) ? '<run>' : digestOf(value) }
}

function describeMetadata(metadata: Fields): DeployedMetadata {
  const { name = '', annotations, ...rest } = without(metadata, serverMetadata) as Partial<DeployedMetadata>
  const own = without(asFields(annotations), serverAnnotations)
  return { name, ...rest, ...(Object.keys(own).length > 0 && { annotations: own }) }
}

/** Digests are of the bytes that a pod gets: values of `binaryData`, and in a Secret of `data`, are base64. */
function digestData({ kind, ...fields }: Fields): Fields {
  const encodings = { data: kind === 'Secret' ? 'base64' : 'utf8', stringData: 'utf8', binaryData: 'base64' } as const
  return Object.fromEntries(
    Object.entries(encodings).flatMap(([key, encoding]) => {
      if (fields[key] === undefined) return []
      const values = Object.entries(asFields(fields[key]))
      return [[key, Object.fromEntries(values.map(([name, text]) => [name, digestOf(String(text), encoding)]))]]
    }),
  )
}

/** A headless Service stays so; other addresses, and node ports, differ from run to run. */
function withoutAddresses(fields: Fields): Fields {
  const { clusterIP, ports, ...spec } = without(fields, new Set(['clusterIPs']))
  const withoutNodePort = (port: unknown): Fields => without(asFields(port), new Set(['nodePort']))
  return {
    ...spec,
    ...(clusterIP === 'None' && { clusterIP }),
    ...(Array.isArray(ports) && { ports: ports.map(withoutNodePort) }),
  }
}

function without(fields: Fields, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)))
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function digestOf(text: string, encoding: 'utf8' | 'base64' = 'utf8'): string {
  return `sha256:${createHash('sha256').update(Buffer.from(text, encoding)).digest('hex')}`
}
