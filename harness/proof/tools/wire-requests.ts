/** The requests of a tool, taken only from a capture, in the form of the rules about tools. */
import { methods } from '../../model/load/client.ts'
import type { Method } from '../../model/load/client.ts'
import type { SentRequest } from '../../judge/tools/sent-request.ts'
import { classifyUnsent, listAllExchanges } from '../capture/exchange.ts'
import type { Flow } from '../capture/flow.ts'

/** In the order in which they were sent, or their connection was opened; an established connection without requests is left out. */
export function listWireRequests(flows: readonly Flow[]): SentRequest[] {
  const all = flows.flatMap((flow) => {
    const exchanges = listAllExchanges(flow)
    if (exchanges.length === 0) return listUnsent(flow)
    return exchanges.map(({ atUs, method, status, begun, fates: [outcome] }, index) => ({
      atUs,
      // A RST may have overtaken the end: the client has read the same incomplete answer.
      request: { outcome: outcome!, method: toMethod(method), status, bytes: Number(begun), use: index + 1 },
    }))
  })
  return all.sort((a, b) => a.atUs - b.atUs).map(({ request }) => request)
}

function listUnsent(flow: Flow): { atUs: number; request: SentRequest }[] {
  if (flow.acceptedUs !== null) return []
  const [outcome] = classifyUnsent(flow)
  return [{ atUs: flow.synUs, request: { outcome: outcome!, method: 'GET', status: null, bytes: 0, use: 1 } }]
}

function toMethod(word: string): Method {
  return methods.find((method) => method === word) ?? 'GET'
}
