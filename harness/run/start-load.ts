/** Starts the load of a run: finds its target and starts its drivers. */
import type { Clock } from '../base/clock.ts'
import type { DriverTransport } from '../load/client/driver-client.ts'
import { buildControlToken } from './deploy/deploy-all.ts'
import { controlName } from './deploy/control-pod.ts'
import { findEntryPoint, findServiceAddress } from './deploy/entry-point.ts'
import type { EntryPoint } from './deploy/entry-point.ts'
import { startLoading } from './loading.ts'
import type { Loading } from './loading.ts'
import type { LogRecord } from '../model/record.ts'
import { hasControlLane } from '../model/load/schedule.ts'
import type { PodNames } from './observe/pod-names.ts'
import type { RunOptions } from './run-options.ts'

type LoadContext = Pick<RunOptions, 'api' | 'plan' | 'mayBePublic' | 'signal'> & {
  clock: Clock
  write: (...records: LogRecord[]) => void
  /** When it returns, all written records are in the file. */
  flush: () => void
  names: PodNames
  limitMs?: number
  /** Called before the first connection is opened. */
  onEntrance?: (entrance: EntryPoint) => Promise<void>
}

/** Sent by the drivers behind `transports`; resolves when the first request is due. */
export async function startLoad(run: LoadContext, namespace: string, transports: DriverTransport[]): Promise<Loading> {
  const { api, clock, plan, write, flush, names } = run
  const { via, workload } = plan
  const way = { api, namespace, workload, via, mayBePublic: run.mayBePublic ?? false, signal: run.signal }
  const entrance = await findEntryPoint({ ...way, namespace: workload.namespace ?? namespace })
  const control = hasControlLane(plan.scenario.load)
    ? { target: await findServiceAddress(way, controlName), workload: buildControlToken(plan) }
    : null
  const record = (records: LogRecord[]): void => {
    write(...names.renameAnswers(records))
    flush()
  }
  await run.onEntrance?.(entrance)
  const limited = run.limitMs === undefined ? {} : { limitMs: run.limitMs }
  return startLoading({ transports, clock, plan, entrance, control, write: record, signal: run.signal, ...limited })
}
