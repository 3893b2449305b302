/** Maximum number of steps that a scenario performs, including repetitions. */
export const maxSteps = 100
