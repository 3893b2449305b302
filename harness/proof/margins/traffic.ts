/** How densely a pod is connected to while its margin is measured, and how far apart the two margins may then be. */

export interface MarginTraffic {
  /** New connections of the driver to the Service. */
  ratePerSecond: number
  /** From one connection of the probe to the Service to the next. */
  probeEveryMs: number
  /** From nodrop's margin to the probe's. */
  allowedMs: number
}

/**
 * A margin begins with the last connection that was led to the leaving pod, so both loads must be dense enough for what is allowed. On kind,
 * where all nodes share the machine, one pod does not answer the 700 requests/s that it answers on the embedded cluster: driver and probe
 * together ask as often as the driver of an ordinary run.
 */
export const marginTraffic = {
  local: { ratePerSecond: 400, probeEveryMs: 3, allowedMs: 20 },
  kind: { ratePerSecond: 100, probeEveryMs: 10, allowedMs: 100 },
} as const satisfies Record<string, MarginTraffic>
