/** What a real node takes its time for and this one does at once: dials, each with the distribution that was measured. */
import type { Distribution } from '../distribution.ts'

export interface KubeletLag {
  /** What a pod's network and its first container's creation take longer than here. */
  prepareMs: Distribution
  /** From the start of a container until its kubelet, and with it its pod's status and its probes, knows of it. */
  startSeenMs: Distribution
  /** From the end of a pod's last container to that of its network, in which nobody listens meanwhile. */
  networkStandsMs: Distribution
}

/** For tests: everything at once. */
export const noLag: KubeletLag = { prepareMs: [0], startSeenMs: [0], networkStandsMs: [0] }

export const defaultKubeletLag: KubeletLag = {
  prepareMs: [500, 700],
  startSeenMs: [0, 1_000],
  networkStandsMs: [200, 270, 350, 410, 490],
}
