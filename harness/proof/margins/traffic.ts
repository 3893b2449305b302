/** The rate of connections to a pod while its margin is measured, and the allowed difference of the two margins. */

export interface MarginTraffic {
  /** New connections of the driver to the Service per second. */
  ratePerSecond: number
  /** Interval between two connections of the probe to the Service. */
  probeEveryMs: number
  /** Allowed difference of nodrop's margin from the probe's. */
  allowedMs: number
}

/**
 * A margin begins with the last connection that was sent to the leaving pod, so both loads must be dense enough for the allowed difference.
 * On kind, where all nodes share the machine, one pod cannot answer the 700 requests/s of the embedded cluster: there driver and probe
 * together have the rate of the driver of an ordinary run.
 */
export const marginTraffic = {
  local: { ratePerSecond: 400, probeEveryMs: 3, allowedMs: 20 },
  kind: { ratePerSecond: 100, probeEveryMs: 10, allowedMs: 100 },
} as const satisfies Record<string, MarginTraffic>
