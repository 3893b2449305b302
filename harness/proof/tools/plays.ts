/** The faults for each tool: how a server treats each request, determined by the request. */
import type { FaultName } from '../faults/fault-kinds.ts'
import type { ReceivedRequest } from '../faults/fault-server.ts'

export interface Play {
  name: string
  /** `null`: nothing listens. */
  pick: ((request: ReceivedRequest) => FaultName) | null
}

/** Every fifth request on a connection meets it. */
const onKept =
  (fault: FaultName): Play['pick'] =>
  (request) =>
    request.use % 5 === 0 ? fault : 'ok'

/** Every fifth request meets it, on a kept connection or one of its own. */
const onAny =
  (fault: FaultName): Play['pick'] =>
  ({ connection, use }) =>
    (connection + use) % 5 === 0 ? fault : 'ok'

/** The first request on every other connection meets it; every connection ends, announced, with its fourth. */
const onNew =
  (fault: FaultName): Play['pick'] =>
  ({ connection, use }) =>
    use === 1 && connection % 2 === 0 ? fault : use === 4 ? 'ok-announced-close' : 'ok'

/** The order of the kinds of loss, mixed as when pods are replaced. */
const mixture: readonly FaultName[] = [
  'fin-before-response',
  'ok',
  'rst-before-response',
  'status-502',
  'ok',
  'fin-before-response',
  'status-502',
]

export const plays: readonly Play[] = [
  { name: 'FIN on a kept connection', pick: onKept('fin-before-response') },
  { name: 'RST on a kept connection', pick: onKept('rst-before-response') },
  { name: 'FIN on a new connection', pick: onNew('fin-before-response') },
  { name: 'RST on a new connection', pick: onNew('rst-before-response') },
  { name: 'refused', pick: null },
  { name: '502', pick: onAny('status-502') },
  { name: 'cut by FIN', pick: onAny('fin-in-body') },
  { name: 'cut by RST', pick: onAny('rst-in-body') },
  {
    name: 'no answer',
    pick: ({ connection, use }) => ((connection + use) % 40 === 4 ? 'stall-before-response' : 'ok'),
  },
  {
    name: 'mixture',
    pick: ({ connection, use }) =>
      (connection + use) % 4 === 0 ? mixture[(connection * 3 + use) % mixture.length]! : 'ok',
  },
]
