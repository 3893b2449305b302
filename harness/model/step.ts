/** The steps of a run in its log. */

/** The steps of a completed run, each once and in this order. */
export const wholeRunSteps = [
  'deploy-begin',
  'deploy-ready',
  'load-begin',
  'disrupt-begin',
  'disrupt-end',
  'old-pods-gone',
  'load-stop',
  'load-end',
  'end',
] as const

export type Step = (typeof steps)[number]
/** `step-begin` and `step-end` belong to a step of the scenario, by its number. */
export const steps = [...wholeRunSteps, 'step-begin', 'step-end', 'interrupted', 'failed'] as const
