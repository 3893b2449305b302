import type { Lab, LabOptions } from './lab.ts'

/** Starts a cluster, unless a context names one. When the lab is disposed of, a present run has ended and the cluster is gone. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  // Scenarios and settings import the same package, but need nothing of this module.
  const { createLab } = await import('./lab.ts')
  return createLab(options)
}
