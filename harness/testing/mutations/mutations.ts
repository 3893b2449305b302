/** Every way to damage a log. */
import { ofAnswers } from './answers.ts'
import { ofControl } from './control.ts'
import { ofDrivers } from './driver.ts'
import { ofInstants } from './times.ts'
import { ofLosses } from './losses.ts'
import { ofMissing } from './missing.ts'
import type { Mutation } from './mutation.ts'
import { ofPlans } from './plans.ts'
import { ofPods } from './pods.ts'
import { ofRequests } from './requests.ts'
import { ofServers } from './served.ts'
import { ofSteps } from './steps.ts'
import { ofWatches } from './watches.ts'

export const mutations: readonly Mutation[] = [
  ...ofMissing,
  ...ofRequests,
  ...ofInstants,
  ...ofLosses,
  ...ofPods,
  ...ofAnswers,
  ...ofWatches,
  ...ofSteps,
  ...ofDrivers,
  ...ofServers,
  ...ofControl,
  ...ofPlans,
]
