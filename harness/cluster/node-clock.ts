/** How far the wall clocks of a cluster's nodes are ahead of this machine's. */
import { readFileSync } from 'node:fs'
import { connectApi } from './api.ts'

/** In µs, with the maximum error. */
export interface NodeClock {
  aheadUs: number
  errorUs: number
}

/** For nodes that share this machine's clock. */
export const sameClock: NodeClock = { aheadUs: 0, errorUs: 0 }

/** For nodes on this machine's kernel, mostly kind's; `null` for others, and if nodes may not be listed. */
export async function readNodeClock(kubeconfig: string): Promise<NodeClock | null> {
  const api = connectApi(kubeconfig)
  try {
    const { items } = await api.core.listNode()
    const own = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const isOwn = items.length > 0 && items.every(({ status }) => status?.nodeInfo?.bootID === own)
    return isOwn ? sameClock : null
  } catch {
    return null
  } finally {
    api.close()
  }
}
