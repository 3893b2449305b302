/** The kernel's counters in the pods' network namespaces. */
import type { NetworkTotals } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'

/** Sums of the pods' last counters; `null` if none were reported. */
export function sumNetworkCounters({ seen }: Evidence): NetworkTotals | null {
  const last = new Map(seen.network.map((record) => [record.pod, record]))
  if (last.size === 0) return null
  const sumCounter = (of: 'listenOverflows' | 'listenDrops' | 'synRetransmits'): number =>
    last.values().reduce((total, record) => total + record[of], 0)
  return {
    pods: last.size,
    listenOverflows: sumCounter('listenOverflows'),
    listenDrops: sumCounter('listenDrops'),
    synRetransmits: sumCounter('synRetransmits'),
  }
}
