/** The pods that earlier connections from the same port of the same driver were sent to. */
import type { RequestRecord } from '../../model/record.ts'
import type { RequestTable } from '../facts/request-table.ts'

interface PortUse {
  sentUs: number
  settledUs: number
  pods: readonly (string | null)[]
}

/**
 * How long a node's connection tracking keeps a closed or unanswered connection by default (nf_conntrack_tcp_timeout_syn_sent, _fin_wait
 * and _time_wait). Until then a new one with the same addresses and ports may be taken for it, and be sent to the same pod whatever the
 * present rules.
 */
const conntrackTimeoutUs = 120_000_000

/**
 * Only for ports from which a connection failed. If the log does not keep every request, the last connection from a port is unknown, and
 * there are none.
 */
export class EarlierConnections {
  readonly #uses = new Map<string, PortUse[]>()

  constructor(requests: RequestTable, lost: readonly RequestRecord[]) {
    if (requests.aggregated.size > 0) return
    const ports = new Set<number>()
    for (const request of lost) {
      const { driver, localPort } = request
      if (localPort === null || !isUnconnected(request)) continue
      ports.add(localPort)
      this.#uses.set(formatPortKey(driver, localPort), [])
    }
    if (ports.size === 0) return
    for (let index = 0; index < requests.size; index++) {
      const port = requests.localPort(index)
      if (port === null || !ports.has(port)) continue
      const pod = requests.pod(index)
      const uses = pod === null ? undefined : this.#uses.get(formatPortKey(requests.driver(index), port))
      uses?.push({ sentUs: requests.sentUs(index), settledUs: requests.settledUs(index), pods: [pod!] })
    }
  }

  /** Records that a lost request went to one of these pods. `null`: to none, and later connections from its port may not either. */
  add({ driver, localPort, sentUs, settledUs }: RequestRecord, pods: readonly (string | null)[]): void {
    if (localPort === null || sentUs === null || pods.length === 0) return
    this.#uses.get(formatPortKey(driver, localPort))?.push({ sentUs, settledUs, pods })
  }

  /** The pods to which connection tracking may have sent a failed connection attempt; `null`: to none. */
  findPodsBefore(request: RequestRecord): readonly (string | null)[] {
    const { driver, localPort, sentUs } = request
    if (localPort === null || sentUs === null || !isUnconnected(request)) return []
    const uses = this.#uses.get(formatPortKey(driver, localPort)) ?? []
    return uses
      .filter((use) => use.sentUs < sentUs && sentUs - use.settledUs < conntrackTimeoutUs)
      .reduce(pickLater, noUse).pods
  }
}

const noUse: PortUse = { sentUs: -Infinity, settledUs: -Infinity, pods: [] }

function pickLater(a: PortUse, b: PortUse): PortUse {
  return b.sentUs > a.sentUs ? b : a
}

function isUnconnected({ use, connectedUs }: RequestRecord): boolean {
  return use === 1 && connectedUs === null
}

function formatPortKey(driver: number, port: number): string {
  return `${driver} ${port}`
}
