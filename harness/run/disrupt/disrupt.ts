/** How each kind of disruption is performed under load. Each resolves when all of it has been requested and accepted. */
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { Disruption, DisruptionOf } from '../../model/disruptions/disruptions.ts'
import type { OldPod, Removal } from '../../model/disruptions/kind.ts'
import { Fault } from '../../base/fault.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { callApi } from '../deploy/workload.ts'
import { patchWorkload } from '../deploy/workload-api.ts'
import { autoscaleReplicas, deferScaleBack, scaleReplicas } from './scaling.ts'
import { applyObjects } from './apply.ts'
import { performCustomStep } from './custom-step.ts'
import { deletePods } from './deletion.ts'
import { drainNode, requireTwoNodes } from './drain.ts'
import { runUserCommand } from './command.ts'
import type { CommandOutput } from './command.ts'
import { createBudget, evictPods } from './eviction.ts'
import type { EvictionContext } from './eviction.ts'
import { checkUpdatedContainer, updateTemplate } from './update.ts'

export interface DisruptionContext extends EvictionContext {
  recordScaled?: Cluster['recordScaled']
}

export interface ActiveDisruption extends DisruptionContext {
  /** The workload's pods when it begins. */
  old: readonly OldPod[]
  /** The number of pods that the workload is to have before it. */
  replicas: number
  removal: Removal
  /** Registers how to undo the disruption, whatever happens, when the run is over or has failed. Call it before the effect. */
  defer: (undo: () => Promise<void>) => void
  /** Where the output of a command is kept and shown; absent: it is dropped. */
  output?: CommandOutput
  /** Environment variables for a command, besides nodrop's own. */
  commandEnv?: Readonly<Record<string, string>>
}

interface Performer<D> {
  /** Runs before any load: what the scenario adds to the workload. */
  prepare?: (disruption: D, context: DisruptionContext) => Promise<void>
  /** Returns the detail for its end, if any. */
  perform: (disruption: D, context: ActiveDisruption) => Promise<string | void>
}

const performers: { [K in Disruption['kind']]: Performer<DisruptionOf<K>> } = {
  'rollout-restart': { perform: (_, context) => restartRollout(context) },
  scale: {
    async perform({ to }, context) {
      deferScaleBack(to, context)
      await scaleReplicas(to, context)
    },
  },
  evict: {
    async prepare({ budget }, context) {
      if (budget) await createBudget(budget.maxUnavailable, context)
    },
    perform: (_, context) => evictPods(context.removal.candidates, context),
  },
  drain: {
    prepare: (_, context) => requireTwoNodes(context),
    perform: (_, context) => drainNode(context, context.removal.candidates),
  },
  update: {
    prepare: async (disruption, context) => checkUpdatedContainer(disruption, context),
    perform: updateTemplate,
  },
  autoscale: { perform: autoscaleReplicas },
  delete: {
    perform: ({ gracePeriodSeconds }, context) => deletePods(context.removal.candidates, context, gracePeriodSeconds),
  },
  apply: { perform: applyObjects },
  command: { perform: ({ argv }, context) => runUserCommand(argv, context) },
  step: { perform: performCustomStep },
  observed: { perform: rejectObserved },
}

export async function prepareDisruption(disruption: Disruption, context: DisruptionContext): Promise<void> {
  await getPerformer(disruption).prepare?.(disruption, context)
}

/** Returns the detail for its end; `null` where there is none. */
export async function performDisruption(
  disruption: Disruption,
  context: Omit<ActiveDisruption, 'removal'>,
): Promise<string | null> {
  const removal = getDisruptionKind(disruption).selectRemoval(disruption, context.old)
  return (await getPerformer(disruption).perform(disruption, { ...context, removal })) ?? null
}

function getPerformer<D extends Disruption>(disruption: D): Performer<D> {
  return performers[disruption.kind] as unknown as Performer<D>
}

/** The disruption of a watch comes from outside. */
function rejectObserved(): never {
  throw new Fault('usage', 'Cannot perform what nodrop watch has seen')
}

/** Restarts as kubectl does: a new annotation makes a new template. */
async function restartRollout(context: DisruptionContext): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  const patch = { spec: { template: { metadata: { annotations } } } }
  await callApi('restart the rollout', () => patchWorkload(context, patch))
}
