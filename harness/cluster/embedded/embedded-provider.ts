import type { ClusterProvider } from '../provider.ts'
import { trackConnections } from '../tracking/embedded-connections.ts'
import { startEmbeddedCluster } from './embedded-cluster.ts'
import { checkEmbeddedMachine, readDriverPrecedence } from './embedded-machine.ts'

export const embeddedProvider: ClusterProvider = {
  facts: {
    title: 'the embedded cluster',
    startNotice: 'An embedded cluster is started for it, in a few seconds, and ends with it: nothing is installed.',
    isNamedByContext: false,
    sharesOurClock: true,
    tellsExactEvents: true,
    hasIngress: false,
    enforcesPodFields: false,
    pullsImages: false,
    sendsLoadFromHere: true,
  },
  limitsMs: { start: 60_000, end: 30_000 },
  check: () => checkEmbeddedMachine(),
  start: ({ stateDir, log, signal }) => startEmbeddedCluster({ stateDir, log, signal }),
  // The kernel ends it together with the process that started it.
  sweep: () => Promise.resolve([]),
  // It builds them from their Dockerfiles when it starts.
  loadImages: () => Promise.resolve(),
  readDriverPrecedence,
  trackConnections,
}
