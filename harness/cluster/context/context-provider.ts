import { join } from 'node:path'
import { Fault, redactUrls } from '../../base/fault.ts'
import type { MachineCheck } from '../machine-check.ts'
import type { ClusterProvider, Paths, SweepOptions } from '../provider.ts'
import { trackConnections } from '../tracking/named-connections.ts'
import { startContextCluster } from './context-cluster.ts'
import { readNodeClock } from '../node-clock.ts'
import { permissions } from './permissions.ts'
import { inspectContext } from './preflight.ts'
import type { ContextOptions } from './preflight.ts'
import { listAbandonedSessions, listLeftovers } from './session.ts'
import { sweepContext } from './sweep.ts'

export const contextProvider: ClusterProvider = {
  facts: {
    title: 'the cluster of that context',
    startNotice: '',
    isNamedByContext: true,
    sharesOurClock: false,
    tellsExactEvents: false,
    hasIngress: true,
    enforcesPodFields: true,
    pullsImages: true,
    sendsLoadFromHere: false,
  },
  // Nothing is started or ended.
  limitsMs: { start: 0, end: 0 },
  check: async (named) => checkContext(requireContext(named)),
  start: async ({ named, paths, log, signal, disruptions = [], comparison }) =>
    startContextCluster({
      ...requireContext(named),
      stateDir: getStateDir(paths),
      log,
      signal,
      disruptions,
      ...(comparison !== undefined && { comparison }),
    }),
  sweep: sweepNamed,
  loadImages: () => Promise.resolve(),
  readNodeClock,
  trackConnections,
}

function requireContext(named: ContextOptions | undefined): ContextOptions {
  if (!named) throw new Error('Cannot use a cluster of a kubeconfig without its context')
  return named
}

/** A problem with it is found by the checks, not thrown. */
async function checkContext(named: ContextOptions): Promise<MachineCheck[]> {
  const { name, cluster } = named.context
  const found = `${name}, at ${redactUrls(cluster.fields.server)}`
  const checks: MachineCheck[] = [{ name: 'kubeconfig', ok: true, found, fix: '' }]
  try {
    await inspectContext({ ...named, needs: permissions, onCheck: (check) => checks.push(check) })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
  return checks
}

/** Only a named cluster is written to: what was left in others is merely reported. */
async function sweepNamed({ named, paths, log, ...options }: SweepOptions): Promise<string[]> {
  const stateDir = getStateDir(paths)
  if (named) return sweepContext({ ...named, ...options, stateDir, log })
  for (const left of listAbandonedSessions(stateDir)) {
    const { context } = left
    log(
      `There may be ${listLeftovers(left).join(', ')} in the cluster of ${context}: nodrop sweep --context ${context}`,
    )
  }
  return []
}

/** The sessions of all runs are in one directory, so that a later command finds what a killed run left. */
function getStateDir(paths: Paths): string {
  return join(paths.reports, 'cluster', 'context-state')
}
