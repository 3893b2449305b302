import { servedFates } from '../../model/server-logs.ts'
import type { Loss } from '../../model/result.ts'
import type { AccessLogExcerpt, ServerLogFindings } from '../../model/server-logs.ts'

/** The servers' findings if every log was read to its end. */
export function buildServers(answered: number, losses: readonly Loss[]): ServerLogFindings {
  const lost = Object.fromEntries(
    servedFates.map((fate) => [fate, losses.filter(({ served }) => served?.fate === fate).length]),
  ) as ServerLogFindings['lost']
  const logs = [{ pod: 'web-1', container: 'nginx', requests: answered, complete: true, why: null }]
  return {
    answered,
    unseen: 0,
    unread: 0,
    repeated: 0,
    elsewhere: 0,
    missingLines: 0,
    hiddenFailures: 0,
    unexplained: 0,
    lost,
    logs,
  }
}

/** Before each loss its pod's proxy has answered two requests, and after it none. */
export function buildLogExcerpts(losses: readonly Loss[]): AccessLogExcerpt[] {
  const byPod = Map.groupBy(
    losses.filter(({ pod }) => pod !== null),
    ({ pod }) => pod!,
  )
  return [...byPod].map(([pod, own]) => {
    const firstUs = Math.min(...own.map(({ lostUs }) => lostUs))
    const lines = [40_000, 15_000].map((beforeUs, place) => ({
      driver: 0,
      seq: 100_000 + place,
      atUs: firstUs - beforeUs,
      tookUs: 101_500,
      status: 200,
    }))
    return { pod, container: 'nginx', errorUs: 1_600, lines }
  })
}
