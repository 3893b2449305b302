import type { Lab, LabOptions } from './lab.ts'

/** Starts a cluster, unless a context names one. It is gone when the lab is disposed of, and a run that is under way has ended by then. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  // Scenarios and settings import the same package, and need nothing of this.
  const { createLab } = await import('./lab.ts')
  return createLab(options)
}
