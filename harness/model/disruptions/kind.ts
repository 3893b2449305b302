/** What a plan says of one kind of disruption, and what a log must show of it. How it is performed: run/disrupt/. */
import type { z } from 'zod'

/** A pod of the workload that was there when the disruption began. */
export interface OldPod {
  name: string
  /** `null` before it was scheduled. */
  node: string | null
}

/** Which of the old pods must leave: at least `count` of `candidates`. The others are spared, and may stay. */
export interface Removal {
  candidates: readonly string[]
  count: number
}

/** What a log shows of a disruption. */
export interface DisruptionEvidence {
  old: readonly OldPod[]
  /** Names of the old pods that were gone when it ended. */
  removed: ReadonlySet<string>
  /** How many pods were created after it began and got ready before it ended. */
  added: number
  /** How many of those were gone when it ended. */
  addedRemoved: number
  /** Names of the pods whose eviction the API server accepted. */
  evicted: ReadonlySet<string>
  /** Names of the old pods of which a container was started again before it ended. */
  restarted: ReadonlySet<string>
}

/** `D` is what a scenario says of it; `replicas` is how many pods the workload has before. */
export interface DisruptionKind<D extends { kind: string }> {
  /** Of a scenario's file and of `plan.json` alike: whoever does not know one of its fields cannot judge what was done. */
  schema: z.ZodType<D>
  /** What one of them is called in a sentence: `rollout`. */
  getNoun: (disruption: D, replicas: number) => string
  /** What it does, as `scales to 2`. */
  describe: (disruption: D) => string
  /** How many pods the workload has when it is over; `null` where the plan does not say. */
  countReplicasAfter: (disruption: D, replicas: number) => number | null
  /** Why it cannot be done to so many pods, as `it scales to 2, so nothing would be disrupted`; `null` where it can. */
  explainImpossible: (disruption: D, replicas: number) => string | null
  selectRemoval: (disruption: D, old: readonly OldPod[]) => Removal
  /** Why the log does not show that it took place; `null` where it does. */
  explainMissingProof: (disruption: D, evidence: DisruptionEvidence) => string | null
}
