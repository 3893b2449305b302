/** The functions for writing scenarios. Each returns data, which `plan.json` contains unchanged. */
import { createHash } from 'node:crypto'
import type { Apply } from '../../model/disruptions/apply.ts'
import type { Autoscale } from '../../model/disruptions/autoscale.ts'
import type { Command } from '../../model/disruptions/command.ts'
import type { CustomStep, StepFunction } from '../../model/disruptions/custom-step.ts'
import type { Delete } from '../../model/disruptions/delete.ts'
import type { Drain } from '../../model/disruptions/drain.ts'
import type { Evict } from '../../model/disruptions/evict.ts'
import type { RolloutRestart } from '../../model/disruptions/rollout-restart.ts'
import type { Scale } from '../../model/disruptions/scale.ts'
import type { Update } from '../../model/disruptions/update.ts'
import type { LoadPlan } from '../../model/plan.ts'
import type { Repeat } from '../../model/steps/repeat.ts'
import type { Steady } from '../../model/steps/steady.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import type { Together } from '../../model/steps/together.ts'
import type { UntilSettled } from '../../model/steps/until-settled.ts'

export interface ScenarioDefinition {
  /** What it does, in one line. */
  summary: string
  /** Number of pods of the workload. */
  replicas: number
  /** Omitted fields are those of `usualLoad`. */
  load?: Partial<LoadPlan>
  /** Performed in order. They begin and end with steady load, and wait until settled after the last disruption. */
  steps: readonly ScenarioStep[]
  /** Limit for everything between the first disruption and the steady load at the end; default: 90 s. */
  limitMs?: number
}

/** The load for the sample: new and kept connections, reading and writing. */
export const usualLoad: LoadPlan = {
  ratePerSecond: 200,
  shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 },
  workMs: 100,
  thinkMs: 500,
  timeoutMs: 5000,
}

export function defineScenario(definition: ScenarioDefinition): ScenarioDefinition & { load: LoadPlan } {
  return { ...definition, load: { ...usualLoad, ...definition.load } }
}

/** Load for this number of seconds without any action. */
export function steady(seconds: number): Steady {
  return { kind: 'steady', forMs: Math.round(seconds * 1000) }
}

/** Like `kubectl rollout restart`. */
export function rolloutRestart(): RolloutRestart {
  return { kind: 'rollout-restart' }
}

/** A new version: another `image` or `env` of a `container`, or a strategic merge `patch` of the whole object. */
export function update(change: Omit<Update, 'kind'>): Update {
  return { kind: 'update', ...change }
}

/** Like `kubectl scale --replicas`. */
export function scale(to: number): Scale {
  return { kind: 'scale', to }
}

/** Evicts every pod, or this number of `pods`, with the Eviction API; `budget` adds a PodDisruptionBudget. */
export function evict(how: Omit<Evict, 'kind'> = {}): Evict {
  return { kind: 'evict', ...how }
}

/** Cordons the node with the most pods of the workload and evicts them; uncordons it when the run is over, however it ends. */
export function drain(_which: 'a node of the workload' = 'a node of the workload'): Drain {
  return { kind: 'drain' }
}

/** Like `kubectl delete pod`, for every pod or for `count` of them. */
export function deletePods(how: Omit<Delete, 'kind'> = {}): Delete {
  return { kind: 'delete', ...how }
}

/** Scales up to this number of replicas and back, through the scale subresource; `holdMs`: how long all are ready before that. */
export function autoscale(how: Omit<Autoscale, 'kind'>): Autoscale {
  return { kind: 'autoscale', ...how }
}

/** Merges the objects of a file beside the scenario into existing ones, or creates them. */
export function apply(file: string): Apply {
  return { kind: 'apply', file }
}

/** A program of this machine and its arguments, used without a shell. */
export function command(...argv: [program: string, ...args: string[]]): Command {
  return { kind: 'command', argv }
}

/** Waits until the workload is at rest by its controller and its pods, whatever was done to it. */
export function untilSettled(): UntilSettled {
  return { kind: 'until-settled' }
}

/** The same steps this number of times. */
export function repeat(times: number, steps: readonly ScenarioStep[]): Repeat<ScenarioStep> {
  return { kind: 'repeat', times, steps }
}

/** Steps that begin at the same time. */
export function together(steps: readonly ScenarioStep[]): Together<ScenarioStep> {
  return { kind: 'together', steps }
}

/** Any other action. A plan contains its name and the SHA-256 of its source. */
export function step(name: string, run: StepFunction): CustomStep {
  return { kind: 'step', name, sha256: createHash('sha256').update(String(run)).digest('hex'), run }
}
