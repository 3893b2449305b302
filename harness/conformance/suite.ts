/** All cases, in the order of the table. */
import type { Case, Topic } from './case.ts'

import { deletion } from './cases/deletion.ts'
import { initContainers } from './cases/init-containers.ts'
import { preStop } from './cases/pre-stop.ts'
import { probeFailures } from './cases/probe-failures.ts'
import { probes } from './cases/probes.ts'
import { restarts } from './cases/restarts.ts'
import { sidecars } from './cases/sidecars.ts'
import { stopSignal } from './cases/stop-signal.ts'
import { together } from './cases/together.ts'

export const topics: readonly Topic[] = [
  stopSignal,
  preStop,
  deletion,
  together,
  sidecars,
  initContainers,
  restarts,
  probes,
  probeFailures,
]

export const cases: readonly Case[] = topics.flatMap(({ cases }) => cases)
