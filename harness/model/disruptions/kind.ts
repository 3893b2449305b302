/** The definition of one kind of disruption: its form in a plan, and what a log must show of it. Performing it is in run/disrupt/. */
import type { z } from 'zod'

/** A pod of the workload that existed when the disruption began. */
export interface OldPod {
  name: string
  /** `null` until it is scheduled. */
  node: string | null
}

/** Which of the old pods must leave: at least `count` of `candidates`. The others may stay. */
export interface Removal {
  candidates: readonly string[]
  count: number
}

/** What a log shows about a disruption. */
export interface DisruptionEvidence {
  old: readonly OldPod[]
  /** Names of the old pods that were gone when it ended. */
  removed: ReadonlySet<string>
  /** Number of pods that were created after it began and became ready before it ended. */
  added: number
  /** Number of those that were gone when it ended. */
  addedRemoved: number
  /** Names of the pods whose eviction the API server accepted. */
  evicted: ReadonlySet<string>
  /** Names of the old pods with a container that was restarted before it ended. */
  restarted: ReadonlySet<string>
}

/** `D`: the disruption in a scenario; `replicas`: the number of pods before it. */
export interface DisruptionKind<D extends { kind: string }> {
  /** For scenario files and `plan.json` alike: unknown fields are refused, because the disruption could not be judged without them. */
  schema: z.ZodType<D>
  /** Its noun in a sentence: `rollout`. */
  getNoun: (disruption: D, replicas: number) => string
  /** What it does, such as `scales to 2`. */
  describe: (disruption: D) => string
  /** The number of pods after it; `null` if the plan does not determine it. */
  countReplicasAfter: (disruption: D, replicas: number) => number | null
  /** Why it is impossible with this number of pods, such as `it scales to 2, so nothing would be disrupted`; `null` if it is possible. */
  explainImpossible: (disruption: D, replicas: number) => string | null
  selectRemoval: (disruption: D, old: readonly OldPod[]) => Removal
  /** Why the log does not show that it took place; `null` if it does. */
  explainMissingProof: (disruption: D, evidence: DisruptionEvidence) => string | null
}
