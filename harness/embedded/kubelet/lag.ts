/** Delays of a real node for steps that are immediate here, each with its measured distribution. */
import type { Distribution } from '../distribution.ts'

export interface KubeletLag {
  /** How much longer a pod's network and its first container's creation take than here. */
  prepareMs: Distribution
  /** From the start of a container until its kubelet has seen it, and with it the pod's status and the probes. */
  startSeenMs: Distribution
  /** From the end of a pod's last container to that of its network, which refuses connections until then. */
  networkStandsMs: Distribution
}

/** For tests: no delays. */
export const noLag: KubeletLag = { prepareMs: [0], startSeenMs: [0], networkStandsMs: [0] }

/**
 * Measured on kind on 29 November 2026: Kubernetes 1.34, containerd 1.6, three nodes on a busy machine with two cores, in 13 rollouts of 3
 * pods, by containerd's own log and the pods' statuses. At 0, 10, … 100 %.
 */
export const defaultKubeletLag: KubeletLag = {
  // From the pod's creation to its container's start, minus the 130 ms that this takes here (39 pods).
  prepareMs: [190, 450, 530, 610, 640, 710, 800, 900, 980, 1_370, 1_860],
  // The kubelet checks its containers every second (PLEG, relistPeriod) (39 pods).
  startSeenMs: [90, 200, 300, 370, 500, 550, 680, 810, 880, 1_110, 1_530],
  // The ends of the container and of the sandbox, then the CNI plugins (78 pods; the longest, 4.0 s, is left out).
  networkStandsMs: [200, 280, 340, 390, 440, 500, 550, 630, 740, 850, 1_110],
}
