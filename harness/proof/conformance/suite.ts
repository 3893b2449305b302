/** All cases, in the order of the table. */
import type { Case, Topic } from '../cases/case.ts'

import { deletion } from '../cases/deletion.ts'
import { initContainers } from '../cases/init-containers.ts'
import { network } from '../cases/network.ts'
import { podSettings } from '../cases/pod-settings.ts'
import { preStop } from '../cases/pre-stop.ts'
import { probeFailures } from '../cases/probe-failures.ts'
import { probes } from '../cases/probes.ts'
import { restarts } from '../cases/restarts.ts'
import { revisions } from '../cases/revisions.ts'
import { rolloutArithmetic } from '../cases/rollout-arithmetic.ts'
import { rollout } from '../cases/rollout.ts'
import { sidecars } from '../cases/sidecars.ts'
import { stopSignal } from '../cases/stop-signal.ts'
import { together } from '../cases/parallel-stop.ts'
import { victims } from '../cases/scale-down-order.ts'

export const topics: readonly Topic[] = [
  stopSignal,
  preStop,
  deletion,
  together,
  network,
  sidecars,
  initContainers,
  podSettings,
  restarts,
  probes,
  probeFailures,
  rollout,
  rolloutArithmetic,
  revisions,
  victims,
]

export const cases: readonly Case[] = topics.flatMap(({ cases }) => cases)

/** Whether a cluster of this kind, started by this user, fulfils the needs of the case. */
export function canPlay({ needsUsers }: Case, kind: string): boolean {
  return needsUsers !== true || kind !== 'local' || process.getuid?.() === 0
}
