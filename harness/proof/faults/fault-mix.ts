/** The fault of each request, as a function of a seed and the request alone, so that a run can be repeated. */
import { hashToFraction } from '../../base/random.ts'
import { cutAnswerBytes, faultNames } from './fault-kinds.ts'
import type { FaultName } from './fault-kinds.ts'
import type { ReceivedRequest, FaultServerOptions } from './fault-server.ts'

export interface FaultMix {
  seed: number
  /** Share of the requests that are answered correctly. */
  okShare: number
  /** Share of the connections that are cut right after they were accepted. */
  cutAcceptShare: number
}

type FaultBehaviour = Pick<FaultServerOptions, 'pick'> & Required<Pick<FaultServerOptions, 'onAccept'>>

/** All kinds of fault, equally likely, mixed at random. */
export function createMixedFaults({ seed, okShare, cutAcceptShare }: FaultMix): FaultBehaviour {
  return {
    pick({ id }) {
      const number = parseRequestNumber(id)
      if (number < 0 || hashToFraction(seed, number, 0) < okShare) return 'ok'
      const fault = faultNames[Math.floor(hashToFraction(seed, number, 1) * faultNames.length)] ?? 'ok'
      return { fault, cut: 1 + Math.floor(hashToFraction(seed, number, 2) * (cutAnswerBytes - 1)) }
    },
    onAccept(connection) {
      const drawn = hashToFraction(seed, connection, 3)
      if (drawn >= cutAcceptShare) return 'serve'
      return drawn < cutAcceptShare / 2 ? 'fin' : 'rst'
    },
  }
}

/** The number of requests that a client must send with one method on new connections, or as second ones, to meet every cut once. */
export const requestsPerCutSweep: number = 2 * (cutAnswerBytes - 1)

/**
 * Cuts an answer at every byte, by FIN and then by RST: for each method on new connections that the client will not reuse and, on kept
 * ones, every second answer.
 */
export function createCutSweep(): FaultBehaviour {
  const met = new Map<string, number>()
  return {
    pick({ id, method, use, close }: ReceivedRequest) {
      if (parseRequestNumber(id) < 0 || (!close && use === 1)) return 'ok'
      const client = `${method} ${close}`
      const count = met.get(client) ?? 0
      met.set(client, count + 1)
      const fault: FaultName = count % requestsPerCutSweep < cutAnswerBytes - 1 ? 'cut-by-fin' : 'cut-by-rst'
      return { fault, cut: 1 + (count % (cutAnswerBytes - 1)) }
    },
    onAccept: () => 'serve',
  }
}

/** The number at the end of a request's id, -1 for one that does not belong to a load. */
export function parseRequestNumber(id: string): number {
  const digits = /-(\d+)$/.exec(id)?.[1]
  return digits === undefined ? -1 : Number(digits)
}
