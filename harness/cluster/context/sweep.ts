/** Deletes namespaces that runs have left in a cluster: by name and UID, and only namespaces made by nodrop. */
import type { V1Namespace, V1NamespaceList } from '@kubernetes/client-node'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import { getApiMessage, createApi, getErrorStatus } from '../api.ts'
import type { KubeApi } from '../api.ts'
import { uncordonAbandonedNodes } from './drained-nodes.ts'
import { inspectContext, buildKubeconfig } from './preflight.ts'
import type { ContextOptions } from './preflight.ts'
import { sweepPermissions } from './permissions.ts'
import { formatLeftScaled, formatScaled, scaleBack } from '../scaled-workloads.ts'
import { listAbandonedSessions, listLeftovers } from './session.ts'
import type { Leftovers } from './session.ts'
import { isExpired, belongsToSession, isRunNamespace, ownerSelector } from './namespace-labels.ts'

export interface SweepOptions extends ContextOptions {
  stateDir: string
  log: (line: string) => void
  /** Is called for what stays written down. */
  onLeft?: (what: string) => void
  goneLimitMs?: number
}

const requestLimitMs = 20_000
const goneLimits = { limitMs: 60_000, intervalMs: 500 }

/**
 * Deletes expired namespaces, and those recorded by runs of this machine that have ended. Returns the names of the namespaces whose
 * deletion was accepted, and of everything else that was undone.
 */
export async function sweepContext(options: SweepOptions): Promise<string[]> {
  const { context, stateDir, log, onLeft, goneLimitMs } = options
  const { uid } = await inspectContext({ ...options, needs: sweepPermissions })
  const api = createApi(buildKubeconfig(context, uid))
  try {
    const abandoned = listAbandonedSessions(stateDir).filter((leftovers) => leftovers.uid === uid)
    const swept: string[] = []
    for (const namespace of await listRunNamespaces(api)) {
      const name = namespace.metadata?.name ?? ''
      const dead = abandoned.some(({ session }) => belongsToSession(namespace, session))
      if (!dead && !isExpired(namespace, new Date())) continue
      if (namespace.metadata?.deletionTimestamp !== undefined) continue
      await deleteNamespace(api, namespace)
      log(`deleting the namespace ${name}, ${dead ? 'which a run that was killed left' : 'which has expired'}`)
      swept.push(name)
    }
    for (const leftovers of abandoned) {
      await waitUntilGone(api, leftovers, log, goneLimitMs)
      swept.push(...(await scaleAllBack(api, leftovers, log)))
      for (const what of listLeftovers(leftovers)) onLeft?.(what)
    }
    return [...swept, ...(await uncordonAll(api, swept, log))]
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('environment', `Cannot sweep the context ${context.name}: ${getErrorMessage(error)}`, '', {
      cause: error,
    })
  } finally {
    api.close()
  }
}

/**
 * Undoes what a killed comparison left, by its records on this machine and with the same permissions: its next run has the same namespace.
 * Throws a Fault of the kind `environment` if that still exists.
 */
export async function sweepComparison(
  comparison: string,
  { context, uid, stateDir, log, goneLimitMs }: SweepOptions & { uid: string },
): Promise<void> {
  const own = listAbandonedSessions(stateDir).filter((one) => one.uid === uid && one.comparison === comparison)
  if (own.length === 0) return
  log(`undoing what this comparison left when it was killed: ${own.flatMap(listLeftovers).join(', ')}`)
  const api = createApi(buildKubeconfig(context, uid))
  try {
    const names = own.flatMap(({ namespaces }) => namespaces())
    for (const leftovers of own) {
      await waitUntilGone(api, leftovers, log, goneLimitMs)
      await scaleAllBack(api, leftovers, log)
    }
    const left = own.flatMap(({ namespaces }) => namespaces())
    if (left.length === 0) return void (await uncordonAll(api, names, log))
    const what = `${left.join(', ')}, which this comparison left when it was killed, is still there`
    const advice = `nodrop sweep --context ${context.name} deletes it.`
    throw new Fault('environment', `Cannot go on in the context ${context.name}: ${what}`, advice)
  } finally {
    api.close()
  }
}

/** Uncordons nodes that were drained for namespaces that are gone. */
async function uncordonAll(api: KubeApi, gone: readonly string[], log: SweepOptions['log']): Promise<string[]> {
  const isGone = async (name: string): Promise<boolean> =>
    gone.includes(name) || (await readNamespace(api, name)) === null
  const nodes = await uncordonAbandonedNodes(api, isGone)
  for (const node of nodes) log(`uncordoning the node ${node}, which a drain left`)
  return nodes.map((node) => `node/${node}`)
}

/**
 * Waits, for a limited time, until the recorded namespaces are gone, and deletes their records; requests the deletion of those for which
 * that failed before. Never throws: what remains stays recorded.
 */
// oxlint-disable-next-line max-params -- where, what, whom to tell, and how long
export async function waitUntilGone(
  api: KubeApi,
  leftovers: Leftovers,
  log: (line: string) => void,
  limitMs: number = goneLimits.limitMs,
): Promise<void> {
  const check = async (): Promise<string | null> => {
    // Another cluster would answer that they do not exist.
    if (leftovers.namespaces().length > 0) await api.assertSameCluster()
    for (const name of leftovers.namespaces()) {
      const namespace = await readNamespace(api, name)
      if (!namespace || !belongsToSession(namespace, leftovers.session)) leftovers.forget(name)
      else if (namespace.metadata?.deletionTimestamp === undefined) await deleteNamespace(api, namespace)
    }
    return leftovers.namespaces().length === 0 ? null : ''
  }
  try {
    await waitUntil('their deletion', { ...goneLimits, limitMs }, check)
  } catch (error) {
    const command = `nodrop sweep --context ${leftovers.context}`
    log(`still there: ${leftovers.namespaces().join(', ')} (${getErrorMessage(error)}); ${command} looks again`)
  }
}

/** Returns those that were scaled back. A workload for which that fails stays recorded and is reported; the others are done. */
async function scaleAllBack(api: KubeApi, leftovers: Leftovers, log: SweepOptions['log']): Promise<string[]> {
  const done: string[] = []
  const left = new Set<string>()
  // The last recorded number is the present one.
  for (const scaled of leftovers.scaled().toReversed()) {
    const { from, to } = scaled
    const name = formatScaled(scaled)
    try {
      const result = await scaleBack(api, scaled)
      if (result === 'scaled') {
        done.push(name)
        log(`scaling ${name} back to ${from}, which a run that was killed left at ${to}`)
      } else if (typeof result === 'object' && !left.has(name)) {
        left.add(name)
        log(formatLeftScaled(scaled, result))
      }
      leftovers.forgetScaled(scaled)
    } catch (error) {
      log(`${getErrorMessage(error)}${error instanceof Fault ? ` ${error.advice}` : ''}`)
    }
  }
  return done
}

async function listRunNamespaces(api: KubeApi): Promise<V1Namespace[]> {
  const path = `/api/v1/namespaces?${new URLSearchParams({ labelSelector: ownerSelector }).toString()}`
  const { status, body } = await api.request({ path, signal: AbortSignal.timeout(requestLimitMs) })
  if (status !== 200) throw new Fault('environment', `Cannot list the namespaces: the API answered ${status}`)
  return (JSON.parse(body) as V1NamespaceList).items.filter(isRunNamespace)
}

async function readNamespace(api: KubeApi, name: string): Promise<V1Namespace | null> {
  const path = `/api/v1/namespaces/${encodeURIComponent(name)}`
  const { status, body } = await api.request({ path, signal: AbortSignal.timeout(requestLimitMs) })
  if (status === 404) return null
  if (status !== 200) throw new Fault('environment', `Cannot read the namespace ${name}: the API answered ${status}`)
  return JSON.parse(body) as V1Namespace
}

/** A namespace that was changed since it was read is left for the next time: its new expiry may be later. */
async function deleteNamespace(api: KubeApi, { metadata = {} }: V1Namespace): Promise<void> {
  const { name = '', uid = '', resourceVersion = '' } = metadata
  try {
    await api.core.deleteNamespace({ name, body: { preconditions: { uid, resourceVersion } } })
  } catch (error) {
    if ([404, 409].includes(getErrorStatus(error))) return
    throw new Fault('environment', `Cannot delete the namespace ${name}: ${getApiMessage(error)}`, '', { cause: error })
  }
}
