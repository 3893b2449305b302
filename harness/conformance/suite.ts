/** All cases, in the order of the table. */
import type { Case, Topic } from './case.ts'
import { stopSignal } from './cases/stop-signal.ts'

import { preStop } from './cases/pre-stop.ts'

export const topics: readonly Topic[] = [stopSignal, preStop]

export const cases: readonly Case[] = topics.flatMap(({ cases }) => cases)
