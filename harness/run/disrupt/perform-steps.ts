/** Performs the steps of a scenario in order, and logs the start and the end of each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { runAll } from '../../base/task-group.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { OldPod } from '../../model/disruptions/kind.ts'
import type { PodSnapshot } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import { formatStep, nameStep } from '../../model/steps/labels.ts'
import { listDisruptions, splitSteps } from '../../model/steps/order.ts'
import type { NumberedStep, StepNode } from '../../model/steps/order.ts'
import { isDisruption } from '../../model/steps/steps.ts'
import type { ScenarioStep, Wait } from '../../model/steps/steps.ts'
import type { CommandOutput } from './command.ts'
import { performDisruption, prepareDisruption } from './disrupt.ts'
import type { ActiveDisruption, DisruptionContext } from './disrupt.ts'
import { listOldPods } from './settle.ts'
import { waitUntilTargetSettled } from './settle-target.ts'

export interface StepsContext extends Omit<ActiveDisruption, 'old' | 'removal'> {
  steps: readonly ScenarioStep[]
  /** The pods of the workload that the watch shows now. */
  pods: ReadonlyMap<string, PodSnapshot>
  writeStep: (name: Step, detail?: string | null, number?: number) => void
  /** Resolves after undisturbed load of at least this duration. */
  waitUntilQuiet: (ms: number) => Promise<void>
}

/** Runs before any load; equal steps are prepared once. */
export async function prepareSteps(steps: readonly ScenarioStep[], context: DisruptionContext): Promise<void> {
  const prepared = new Set<string>()
  for (const { step } of listDisruptions(steps)) {
    const what = JSON.stringify(step)
    if (prepared.has(what)) continue
    prepared.add(what)
    await prepareDisruption(step, context)
  }
}

/**
 * `limitMs` of the context covers all steps, from the first disruption until the workload has settled after the last. Throws a Fault of the
 * kind `unknown` where one fails or the time is over.
 */
export async function performSteps(context: StepsContext): Promise<void> {
  const { steps, writeStep } = context
  const { before, during, after } = splitSteps(steps)
  const performer = new StepPerformer(context)
  await performer.performRow(before, context.signal)
  const [first] = listDisruptions(steps)
  writeStep('disrupt-begin', first && nameStep(first.step))
  performer.startLimit()
  await performer.performRow(during, context.signal)
  performer.endLimit()
  writeStep('old-pods-gone')
  await performer.performRow(after, context.signal)
}

/** Steps whose effect may begin after they have ended: a command may only start a controller or a pipeline. */
const askedOfOthers: { readonly [K in Disruption['kind']]: boolean } = {
  'rollout-restart': false,
  scale: false,
  evict: false,
  delete: false,
  update: false,
  drain: false,
  autoscale: false,
  apply: true,
  command: true,
  step: true,
  observed: true,
}

class StepPerformer {
  readonly #context: StepsContext
  #deadline: number | null = null
  #disruptionsLeft: number
  /** The pods at the first step since the workload last settled whose effect may come from outside. */
  #beforeOthers: OldPod[] | null = null
  #isOver = false
  #commands = 0

  constructor(context: StepsContext) {
    this.#context = context
    this.#disruptionsLeft = listDisruptions(context.steps).length
  }

  startLimit(): void {
    this.#deadline = performance.now() + this.#context.limitMs
  }

  /** From here on there is no further disruption. */
  endLimit(): void {
    this.#deadline = null
    this.#isOver = true
  }

  async performRow(nodes: readonly StepNode[], signal: AbortSignal): Promise<void> {
    for (const node of nodes) {
      if (!('rows' in node)) await this.#perform(node, signal)
      else await runAll(signal, (one) => node.rows.map((row) => this.performRow(row, one)))
    }
  }

  async #perform(one: NumberedStep, signal: AbortSignal): Promise<void> {
    const { writeStep } = this.#context
    const { number, step } = one
    signal.throwIfAborted()
    const limitMs = this.#computeLeftMs(one)
    writeStep('step-begin', nameStep(step), number)
    if (!isDisruption(step)) {
      await this.#wait(step, limitMs, signal)
      writeStep('step-end', null, number)
      return
    }
    const told = await this.#disrupt(step, limitMs, signal)
    writeStep('step-end', told, number)
    if (--this.#disruptionsLeft === 0) writeStep('disrupt-end', told)
  }

  /** Throws a Fault when no time is left for the next step. */
  #computeLeftMs(one: NumberedStep): number {
    const { limitMs } = this.#context
    if (this.#deadline === null) return limitMs
    const leftMs = Math.min(limitMs, Math.round(this.#deadline - performance.now()))
    if (leftMs > 0) return leftMs
    throw new Fault('unknown', `Timed out after ${limitMs / 1000} s: ${formatStep(one)} had not begun`)
  }

  async #disrupt(step: Disruption, limitMs: number, signal: AbortSignal): Promise<string | null> {
    const old = listOldPods(this.#context.pods)
    if (askedOfOthers[step.kind]) this.#beforeOthers ??= old
    const kept = step.kind === 'command' ? this.#nameOutput() : {}
    return await performDisruption(step, { ...this.#context, ...kept, old, limitMs, signal })
  }

  /** One file for each command: `command.log`, `command-2.log`, … */
  #nameOutput(): { output?: CommandOutput } {
    const { output } = this.#context
    const number = ++this.#commands
    if (output === undefined || number === 1) return {}
    return { output: { ...output, path: output.path.replace(/(\.[^./]*)?$/, `-${number}$1`) } }
  }

  async #wait(step: Wait, limitMs: number, signal: AbortSignal): Promise<void> {
    if (step.kind === 'steady') {
      await (this.#isOver ? this.#context.waitUntilQuiet(step.forMs) : sleep(step.forMs, undefined, { signal }))
      return
    }
    step.kind satisfies 'until-settled'
    await waitUntilTargetSettled({ ...this.#context, old: this.#beforeOthers ?? [], limitMs, signal })
    this.#beforeOthers = null
  }
}
