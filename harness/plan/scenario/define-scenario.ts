/** What scenarios are written with. Each function gives data: `plan.json` has it as it is here. */
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
  /** What it does, in a line. */
  summary: string
  /** Pods of the workload. */
  replicas: number
  /** What it leaves out is as in `usualLoad`. */
  load?: Partial<LoadPlan>
  /** One after another. They begin and end with steady load, and wait until settled after the last disruption. */
  steps: readonly ScenarioStep[]
  /** For all that is between the first disruption and the steady load at the end; 90 s. */
  limitMs?: number
}

/** Of the sample: new and kept connections, reading and writing. */
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

/** Load for so many seconds, while nothing is done. */
export function steady(seconds: number): Steady {
  return { kind: 'steady', forMs: Math.round(seconds * 1000) }
}

/** As `kubectl rollout restart`. */
export function rolloutRestart(): RolloutRestart {
  return { kind: 'rollout-restart' }
}

/** A new version: another `image` or `env` of a `container`, or a strategic merge `patch` of the whole object. */
export function update(change: Omit<Update, 'kind'>): Update {
  return { kind: 'update', ...change }
}

/** As `kubectl scale --replicas`. */
export function scale(to: number): Scale {
  return { kind: 'scale', to }
}

/** Asks the Eviction API for every pod, or for so many `pods`; `budget` adds a PodDisruptionBudget. */
export function evict(how: Omit<Evict, 'kind'> = {}): Evict {
  return { kind: 'evict', ...how }
}

/** Cordons the node that has most of the workload's pods and evicts them; uncordons it when the run is over, however it ends. */
export function drain(_which: 'a node of the workload' = 'a node of the workload'): Drain {
  return { kind: 'drain' }
}

/** As `kubectl delete pod`, of every pod or of `count`. */
export function deletePods(how: Omit<Delete, 'kind'> = {}): Delete {
  return { kind: 'delete', ...how }
}

/** Up to so many replicas and back, through the scale subresource; `holdMs` is how long all are ready before it goes back. */
export function autoscale(how: Omit<Autoscale, 'kind'>): Autoscale {
  return { kind: 'autoscale', ...how }
}

/** Objects of a file beside the scenario are merged into those that there are, or created. */
export function apply(file: string): Apply {
  return { kind: 'apply', file }
}

/** A program of this machine and its arguments; no shell reads them. */
export function command(...argv: [program: string, ...args: string[]]): Command {
  return { kind: 'command', argv }
}

/** Until the workload's controller and its pods say that it is at rest, whatever was done to it. */
export function untilSettled(): UntilSettled {
  return { kind: 'until-settled' }
}

/** The same steps so many times. */
export function repeat(times: number, steps: readonly ScenarioStep[]): Repeat<ScenarioStep> {
  return { kind: 'repeat', times, steps }
}

/** Steps that begin at the same time. */
export function together(steps: readonly ScenarioStep[]): Together<ScenarioStep> {
  return { kind: 'together', steps }
}

/** Anything else. A plan has its name and the SHA-256 of its source. */
export function step(name: string, run: StepFunction): CustomStep {
  return { kind: 'step', name, sha256: createHash('sha256').update(String(run)).digest('hex'), run }
}
