/** So many steps a scenario performs at most, repetitions counted. */
export const maxSteps = 100
