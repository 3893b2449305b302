/** A cluster run by others, reached by one named context of the user's kubeconfig. */
import { redactUrls } from '../../base/fault.ts'
import { connectApi } from '../api.ts'
import type { Cluster } from '../cluster.ts'
import { inspectContext, buildKubeconfig } from './preflight.ts'
import type { ContextOptions } from './preflight.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import { listRunPermissions } from './permissions.ts'
import { listAbandonedSessions, listLeftovers, openSession } from './session.ts'
import { sweepComparison, waitUntilGone } from './sweep.ts'
import { buildSessionLabels } from './namespace-labels.ts'

export interface ContextClusterOptions extends ContextOptions {
  /** Directory of the private kubeconfig, and of the record of what will be made in the cluster. */
  stateDir: string
  /** The disruptions of pods that will be performed there. */
  disruptions?: readonly Disruption['kind'][]
  /** The id of the measurement: what a killed process of it left in the cluster is undone first. */
  comparison?: string
  /** Time limit for the deletion of these namespaces; default: a minute. */
  goneLimitMs?: number
  log: (line: string) => void
  signal?: AbortSignal
}

/**
 * Resolves when the cluster may be used: it is allowed, it answers, and it permits what a run needs. From then on the user's kubeconfig is
 * not used. Disposing of it waits until the namespaces made there are gone.
 */
export async function startContextCluster(options: ContextClusterOptions): Promise<Cluster> {
  const { context, stateDir, log, signal, target, disruptions = [], comparison } = options
  const needs = target ? target.own : listRunPermissions(disruptions)
  const { version, uid } = await inspectContext({ ...options, needs })
  signal?.throwIfAborted()
  if (comparison !== undefined) await sweepComparison(comparison, { ...options, uid })
  logLeftovers(stateDir, log)
  const about = { context: context.name, uid, ...(comparison !== undefined && { comparison }) }
  const session = openSession(stateDir, about, buildKubeconfig(context, uid))
  return {
    kind: 'kubeconfig',
    kubeconfig: session.kubeconfig,
    description: `context ${context.name}: Kubernetes ${version} at ${redactUrls(context.cluster.fields.server)}`,
    lost: new AbortController().signal,
    recordScaled(scaled) {
      session.recordScaled(scaled)
      return () => session.forgetScaled(scaled)
    },
    recordNamespace(namespace) {
      session.recordNamespace(namespace)
      return buildSessionLabels(session.session)
    },
    [Symbol.asyncDispose]: async () => {
      const api = connectApi(session.kubeconfig)
      if (session.namespaces().length > 0) log(`waiting for the end of ${session.namespaces().join(', ')}`)
      await waitUntilGone(api, session, log)
      api.close()
      session.close()
    },
  }
}

/** The cluster of another context is not changed by this run, but its user should know. */
function logLeftovers(stateDir: string, log: (line: string) => void): void {
  for (const left of listAbandonedSessions(stateDir)) {
    const undoes = left.scaled().length > 0 ? 'undoes' : 'deletes'
    const command = `nodrop sweep --context ${left.context} ${undoes} that`
    log(`an earlier run that was killed may have left ${listLeftovers(left).join(', ')}; ${command}`)
  }
}
