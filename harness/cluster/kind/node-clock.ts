/** How far the wall clocks of a kind cluster's nodes are ahead of this machine's. */
import { readFileSync } from 'node:fs'
import { sameClock } from '../node-clock.ts'
import type { NodeClock } from '../node-clock.ts'
import { readClusterName } from './cleanup-record.ts'
import { listContainers } from './containers.ts'
import { runToolOrThrow } from './tool.ts'

const queryLimitMs = 20_000
const readings = 5

/** `null` if the cluster has no container. */
export async function readNodeClock(kubeconfig: string): Promise<NodeClock | null> {
  const [node] = await listContainers(readClusterName(kubeconfig))
  if (node === undefined) return null
  return (await hasSameKernel(node)) ? sameClock : compareClocks(node)
}

const bootId = '/proc/sys/kernel/random/boot_id'

/** All processes of one kernel share one wall clock. */
async function hasSameKernel(node: string): Promise<boolean> {
  const theirs = await runToolOrThrow(['docker', 'exec', node, 'cat', bootId], { limitMs: queryLimitMs })
  try {
    return readFileSync(bootId, 'utf8') === theirs
  } catch {
    // Not Linux.
    return false
  }
}

/** The clock is read between request and answer, so their middle is wrong by at most half the distance; the shortest one counts. */
async function compareClocks(node: string): Promise<NodeClock> {
  let best: NodeClock | null = null
  for (let reading = 0; reading < readings; reading++) {
    const beforeUs = Date.now() * 1000
    const output = await runToolOrThrow(['docker', 'exec', node, 'date', '+%s%6N'], { limitMs: queryLimitMs })
    const afterUs = Date.now() * 1000
    // Date.now() cuts off up to 1 ms.
    const clock = {
      aheadUs: Math.round(Number(output) - (beforeUs + afterUs) / 2),
      errorUs: (afterUs - beforeUs) / 2 + 1_000,
    }
    if (best === null || clock.errorUs < best.errorUs) best = clock
  }
  return best as NodeClock
}
