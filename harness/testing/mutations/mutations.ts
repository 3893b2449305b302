/** Every way to damage a log. */
import { answerMutations } from './answers.ts'
import { controlMutations } from './control.ts'
import { driverMutations } from './driver.ts'
import { timeMutations } from './times.ts'
import { lossMutations } from './losses.ts'
import { missingMutations } from './missing.ts'
import type { Mutation } from './mutation.ts'
import { planMutations } from './plans.ts'
import { podMutations } from './pods.ts'
import { requestMutations } from './requests.ts'
import { serverMutations } from './served.ts'
import { stepMutations } from './steps.ts'
import { watchMutations } from './watches.ts'

export const mutations: readonly Mutation[] = [
  ...missingMutations,
  ...requestMutations,
  ...timeMutations,
  ...lossMutations,
  ...podMutations,
  ...answerMutations,
  ...watchMutations,
  ...stepMutations,
  ...driverMutations,
  ...serverMutations,
  ...controlMutations,
  ...planMutations,
]
