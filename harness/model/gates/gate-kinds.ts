/** All gates, and the figure of a run that each compares with its limit; judge/gates/measures.ts measures it. */

export type Selector = 'lane' | 'phase'

export interface GateKind {
  unit: 'count' | 'mean' | 'share' | 'ms' | 's'
  /** The side of the limit, which is also the meaning of a number without an operator. */
  bound: 'most' | 'least'
  /** The selectors that may narrow it. */
  selectors: readonly Selector[]
  /** Whether it limits losses: such a gate replaces the default gate. */
  limitsLosses: boolean
  /** The figure that is compared with the limit. */
  meaning: string
}

const ofLosses = { bound: 'most', limitsLosses: true } as const
const ofOthers = { bound: 'most', limitsLosses: false } as const
const selectable = ['lane', 'phase'] as const
const latency =
  'counted from the instant at which each was due; without a phase of those that were due while pods were replaced; lost ones are for the other gates'

const kinds = {
  lost: {
    ...ofLosses,
    unit: 'count',
    selectors: selectable,
    meaning: 'requests that were sent and not answered well',
  },
  lostPerRollout: {
    ...ofLosses,
    unit: 'mean',
    selectors: ['lane'],
    meaning:
      'requests that the disruption may have lost, for each step of the run that disrupts pods, be it a rollout, an eviction or another',
  },
  lossRate: {
    ...ofLosses,
    unit: 'share',
    selectors: selectable,
    meaning: 'lost requests as a share of those that were sent',
  },
  p50Ms: {
    ...ofOthers,
    unit: 'ms',
    selectors: selectable,
    meaning: `milliseconds in which half of the good answers came, ${latency}`,
  },
  p99Ms: {
    ...ofOthers,
    unit: 'ms',
    selectors: selectable,
    meaning: `milliseconds in which 99 of 100 good answers came, ${latency}`,
  },
  worstSecondLost: {
    ...ofLosses,
    unit: 'count',
    selectors: [],
    meaning: 'lost requests of the worst second, where seconds count from the first deletion of a pod',
  },
  secondsWithLosses: {
    ...ofLosses,
    unit: 'count',
    selectors: [],
    meaning: 'such seconds in which requests were due that were lost',
  },
  marginMs: {
    ...ofOthers,
    bound: 'least',
    unit: 'ms',
    selectors: [],
    meaning:
      'the smallest margin of the pods that left, in milliseconds: from the last new connection to a pod after its deletion until it answered no more; below 0 no server listened while connections came',
  },
  drainSeconds: {
    ...ofOthers,
    unit: 's',
    selectors: [],
    meaning: 'seconds from the deletion of a pod until it was gone, of the one that took longest',
  },
  duplicates: {
    ...ofOthers,
    unit: 'count',
    selectors: [],
    meaning: 'requests that the logs of the servers have more than once: something on the way has sent them again',
  },
  unattributed: {
    ...ofOthers,
    unit: 'count',
    selectors: selectable,
    meaning:
      'lost requests that are tied to no pod, or to one of several, though there were pods that may have had them',
  },
} satisfies Record<string, GateKind>

export type GateName = keyof typeof kinds
export const gateKinds: Readonly<Record<GateName, GateKind>> = kinds
export const gateNames = Object.keys(kinds) as [GateName, ...GateName[]]
