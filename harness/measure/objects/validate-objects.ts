/** Reports objects that the API server would refuse, with their places in the user's files, before the first run of a comparison. */
import { join } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import { locateField } from '../../plan/yaml-place.ts'
import { buildWorkload } from '../../plan/workload.ts'
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { buildNamespaceName } from '../../cluster/context/namespace-labels.ts'
import { dryRunObjects } from '../../run/deploy/dry-run.ts'
import type { Rejection } from '../../run/deploy/dry-run.ts'
import { Fault } from '../../base/fault.ts'
import type { ExecuteRunsOptions } from '../execute-runs.ts'
import { rejectClusterScoped } from './applied-objects.ts'

export interface ValidationOptions extends Pick<ExecuteRunsOptions, 'planned' | 'base' | 'comparison' | 'signal'> {
  /** The folder of the base and the configurations. */
  manifests: string
}

/** A rehearsal takes seconds; a namespace older than this may be deleted. */
const maxDryRunMs = 600_000

/** Throws a usage Fault with a line for each problem. */
export async function rejectInvalidObjects(cluster: Cluster, rehearsing: ValidationOptions): Promise<void> {
  const { planned, base, comparison } = rehearsing
  const [first] = planned
  if (first === undefined) return
  const workload = buildWorkload(base.workload, first.file.patch, first.scenario.load)
  const files = new Map(planned.map(({ file }) => [file.configuration.name, file]))
  const patches = new Map([...files].map(([name, { patch }]) => [name, patch]))
  const name = buildNamespaceName(`${comparison.id}-rehearsal`)
  const signal = AbortSignal.any([rehearsing.signal, cluster.lost])
  const api = connectApi(cluster.kubeconfig, cluster)
  try {
    const scenarios = new Map(planned.map(({ scenario }) => [scenario.name, scenario]))
    await rejectClusterScoped(api, [...scenarios.values()])
    const own = {
      name,
      expiresAt: new Date(Date.now() + maxDryRunMs),
      labels: cluster.recordNamespace?.(name) ?? {},
      signal,
    }
    const objects = [...base.workload, ...base.control, base.driver]
    const refusals = await dryRunObjects({ api, ...own, workload, base: objects, patches })
    if (refusals.length === 0) return
    const findPath = ({ what }: Rejection): string | undefined =>
      'configuration' in what ? files.get(what.configuration)?.path : findBaseFile(what, rehearsing)
    throw new Fault('usage', refusals.flatMap((refusal) => formatRefusal(refusal, findPath(refusal))).join('\n'))
  } finally {
    api.close()
  }
}

/** The file of the base that contains an object. */
function findBaseFile(what: { kind: string; name: string }, { base, manifests }: ValidationOptions): string {
  const isIn = (objects: readonly KubernetesObject[]): boolean =>
    objects.some(({ kind, metadata }) => kind === what.kind && metadata?.name === what.name)
  const file = isIn(base.workload) ? 'web.yaml' : isIn(base.control) ? 'control.yaml' : 'driver.yaml'
  return join(manifests, 'base', file)
}

/** The server's own message names all causes, so it is shown once, at the place of the first. */
function formatRefusal({ what, message, causes }: Rejection, path: string | undefined): string {
  const attempt =
    'configuration' in what
      ? `Cannot apply the configuration ${what.configuration}`
      : `Cannot create ${what.kind} ${what.name}`
  if (path === undefined) return `${attempt}: ${message}`
  const [first] = causes
  const kind = 'kind' in what ? what.kind : undefined
  return `${first ? locateField(path, first, kind) : path}: ${attempt}: ${message}`
}
