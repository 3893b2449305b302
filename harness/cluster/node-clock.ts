/** How far the wall clocks of a cluster's nodes run ahead of this machine's: µs, give or take. */
export interface NodeClock {
  aheadUs: number
  errorUs: number
}

/** Of nodes that read this machine's clock. */
export const sameClock: NodeClock = { aheadUs: 0, errorUs: 0 }
