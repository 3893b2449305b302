/** What is needed to start the embedded Kubernetes: its program and arguments, its isolation, and the requirements of the machine. */
import { resolveProgram } from '../base/program-path.ts'

export { findMissingPackages, listImagePackages } from './images/packages.ts'
export { readPriorities } from './isolation/cpu-shares.ts'
export { findOverlaidFileSystems, readLockedMounts } from './isolation/host-tree.ts'
export { createIsolationCommand } from './isolation/isolation.ts'
export { buildConntrackArguments, conntrackCommand } from './network/connection-events.ts'
export type { ConnectionFilter } from './network/connection-events.ts'
export { systemPath } from './runtime/command.ts'

/** Run it with Node behind `createIsolationCommand`, with `ClusterArguments` as JSON in its only argument. */
export const programFile: string = resolveProgram(import.meta.dirname, 'main')

export interface ClusterArguments {
  /** The address of the API from outside; its listening socket is descriptor 3. */
  url: string
  nodes: number
  /** The image `nodrop/<name>:dev` is `<images>/<name>/Dockerfile`; there is no other tag. */
  images: string
  /** Further files for the images' build contexts: image, name in its context, path on the machine. */
  extra: Record<string, Record<string, string>>
  /** Directories of the machine that containers must not see. */
  hidden: string[]
}

/** Written by the program to its standard output once the API answers: one line of JSON. */
export interface ClusterReady {
  kubeconfig: string
}
