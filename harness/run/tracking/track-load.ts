/** Connection tracking of a load, where its cluster can read it. */
import type { Clock } from '../../base/clock.ts'
import { providers } from '../../cluster/providers.ts'
import type { LogRecord } from '../../model/record.ts'
import type { DriverPod } from '../deploy/drivers.ts'
import type { EntryPoint } from '../deploy/entry-point.ts'
import type { RunOptions } from '../run-options.ts'
import { findControllerPods } from './controller-pods.ts'
import { startTracking } from './track-connections.ts'

export interface TrackedLoad
  extends Pick<RunOptions, 'plan' | 'api' | 'base' | 'nodeClock' | 'signal'>, Pick<EntryPoint, 'target'> {
  drivers: readonly DriverPod[]
  /** Of the drivers. */
  namespace: string
  /** Maximum number of connections that are kept. */
  most: number
  clock: Clock
  write: (record: LogRecord) => void
}

/** Resolves when new connections are read, or cannot be; `teardown` ends it. */
export async function trackLoad(load: TrackedLoad, teardown: AsyncDisposableStack): Promise<void> {
  const { plan, namespace } = load
  const { trackConnections } = providers[plan.cluster]
  if (!trackConnections || plan.connectionTracking === false) return
  if (plan.via.kind !== 'service' && plan.via.kind !== 'ingress') return
  const { tracking: manifest } = load.base
  const pod = manifest && { namespace, manifest }
  const controllers = plan.via.kind === 'ingress' ? await findControllerPods(load.api, load.target.host) : null
  const options = { ...load, trackConnections, ...(pod && { pod }), ...(controllers && { controllers }) }
  const tracking = await startTracking(options)
  teardown.defer(() => tracking.stop())
}
