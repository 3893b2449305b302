/** What a program needs to start the embedded Kubernetes: its file and arguments, its isolation, and what the machine must have. */
import { resolveProgram } from '../base/program-path.ts'

export { findMissingPackages, listImagePackages } from './images/packages.ts'
export { readPriorities } from './isolation/cpu-shares.ts'
export { findOverlaidFileSystems, readLockedMounts } from './isolation/host-tree.ts'
export { createIsolationCommand } from './isolation/isolation.ts'
export { buildConntrackArguments, conntrackCommand } from './network/connection-events.ts'
export type { ConnectionFilter } from './network/connection-events.ts'
export { systemPath } from './runtime/command.ts'

/** To be run by Node behind `createIsolationCommand`, with `ClusterArguments` as JSON in its one argument. */
export const programFile: string = resolveProgram(import.meta.dirname, 'main')

export interface ClusterArguments {
  /** Where the API is reached from outside; its listening socket is descriptor 3. */
  url: string
  nodes: number
  /** The image `nodrop/<name>:dev` is `<images>/<name>/Dockerfile`; there is no other tag. */
  images: string
  /** Further files for the images' build contexts: image, name in its context, path on the machine. */
  extra: Record<string, Record<string, string>>
  /** Directories of the machine that containers must not see. */
  hidden: string[]
}

/** What the program writes to its standard output when the API answers: one line of JSON. */
export interface ClusterReady {
  kubeconfig: string
}
