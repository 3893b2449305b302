import { servedFates } from '../../model/server-logs.ts'
import type { Loss } from '../../model/result.ts'
import type { ServerLogFindings } from '../../model/server-logs.ts'

/** What the servers saw where every log was read to its end. */
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
