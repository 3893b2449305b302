/** The name and the labels of a run's namespace, for later clean-up. */
import { createHash } from 'node:crypto'
import type { V1Namespace } from '@kubernetes/client-node'

const prefix = 'nodrop-'
const owner = 'app.kubernetes.io/managed-by'
const runLabel = 'nodrop.dev/run-id'
const expiryLabel = 'nodrop.dev/expires-at'
const sessionLabel = 'nodrop.dev/session'

/** Selects what nodrop has made in a list. */
export const ownerSelector: string = `${owner}=nodrop`

/** The name of a run's namespace: a DNS label of at most 63 characters, as is the part after the prefix. */
export function buildNamespaceName(runId: string): string {
  const room = 63 - prefix.length
  if (runId.length <= room) return prefix + runId
  const hash = createHash('sha256').update(runId).digest('hex').slice(0, 8)
  return `${prefix}${runId.slice(0, room - 1 - hash.length)}-${hash}`
}

/** After `expiresAt` the namespace is not needed any more. A label's value has no colons: 20261124T120000Z. */
export function buildNamespaceLabels(name: string, expiresAt: Date): Record<string, string> {
  const expiry = expiresAt.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
  return { [owner]: 'nodrop', [runLabel]: name.slice(prefix.length), [expiryLabel]: expiry }
}

/** Whether nodrop has made it for a run: by its labels, which must match its name. */
export function isRunNamespace({ metadata }: V1Namespace): boolean {
  const { name, labels = {} } = metadata ?? {}
  const run = labels[runLabel]
  return labels[owner] === 'nodrop' && run !== undefined && run !== '' && name === prefix + run
}

/** Distinguishes a namespace from one of the same name that another process made in the same second. */
export function buildSessionLabels(session: string): Record<string, string> {
  return { [sessionLabel]: session }
}

export function belongsToSession(namespace: V1Namespace, session: string): boolean {
  return isRunNamespace(namespace) && namespace.metadata?.labels?.[sessionLabel] === session
}

/** A namespace without an expiry never expires. */
export function isExpired({ metadata }: V1Namespace, now: Date): boolean {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(metadata?.labels?.[expiryLabel] ?? '')
  if (!parts) return false
  const [, year, month, day, hour, minute, second] = parts
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) <= now.getTime()
}
