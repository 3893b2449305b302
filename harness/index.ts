/** The exports of the package `nodrop`: for settings and scenarios, for judging runs again, types of their results, and a lab. */
export { defineConfig, env } from './plan/config/config-schema.ts'
export type { Config } from './plan/config/config-schema.ts'
export { judgeDirectory } from './judge/judge-directory.ts'
export type { ReportedRuns } from './judge/judge-directory.ts'
export type { ReportedRun } from './judge/report/reported-run.ts'
export { openLab } from './library/open-lab.ts'
export type { Lab, LabOptions, LabRun, LabRunOptions } from './library/lab.ts'
export type { LabEvent } from './library/event-channel.ts'
export type { RunResult } from './library/run-result.ts'
export type { ComparisonRow } from './model/comparison.ts'
export type { ComparisonPlan, RunPlan, Scenario } from './model/plan.ts'
export type { LogRecord, Outcome, RequestRecord } from './model/record.ts'
export type { Analysis, Loss, Verdict } from './model/result.ts'
export {
  apply,
  autoscale,
  command,
  defineScenario,
  deletePods,
  drain,
  evict,
  repeat,
  rolloutRestart,
  scale,
  steady,
  step,
  together,
  untilSettled,
  update,
  usualLoad,
} from './plan/scenario/define-scenario.ts'
export type { ScenarioDefinition } from './plan/scenario/define-scenario.ts'
export type { StepContext, StepFunction } from './model/disruptions/custom-step.ts'
export type { ScenarioStep } from './model/steps/steps.ts'
