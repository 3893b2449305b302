/** The cells: each scenario with configurations that lose for different reasons, and with the one that loses nothing. */
import type { Cell } from './cell.ts'

/** nginx has closed its port while the endpoints still contain it, and cuts requests in progress. */
const closedPortCell = { verdict: 'failed', must: ['refused', 'closed-before-response'] } as const
/** What a process that ends at once may do to requests in progress, besides closing properly. */
const cutOutcomes = ['reset-before-response', 'truncated', 'reset-in-body'] as const
/** A pod that is gone before every node's service proxy has removed it: the host is unreachable, with or without a message about it. */
const unreachableOutcomes = ['unreachable', 'connect-timeout'] as const
/** Both servers get TERM together: nginx may find the application gone before it ends itself. */
const serverErrorOutcomes = ['http-5xx'] as const

export const cells: readonly Cell[] = [
  {
    scenario: 'rollout',
    configuration: 'naive',
    ...closedPortCell,
    may: [...cutOutcomes, ...unreachableOutcomes],
    lostPercent: [0.6, 6],
    why: 'nginx takes TERM as a fast shutdown: its port is closed until the endpoints have followed',
  },
  {
    scenario: 'rollout',
    configuration: 'exec',
    ...closedPortCell,
    may: [...cutOutcomes, ...unreachableOutcomes, ...serverErrorOutcomes],
    lostPercent: [1, 10],
    why: 'as naive, but the rollout is over sooner: the same losses among fewer requests',
  },
  {
    scenario: 'rollout',
    configuration: 'nginx-quit',
    ...closedPortCell,
    may: [...cutOutcomes, ...unreachableOutcomes],
    lostPercent: [1, 10],
    why: 'the hook returns at once, so the port is closed as soon as without it',
  },
  {
    scenario: 'rollout',
    configuration: 'sleep',
    verdict: 'failed',
    must: ['closed-before-response'],
    may: [...cutOutcomes, ...serverErrorOutcomes, ...unreachableOutcomes],
    lostPercent: [0.1, 1],
    why: 'the endpoints are gone when TERM comes; it cuts what kept connections still carry',
  },
  {
    scenario: 'rollout',
    configuration: 'app-first',
    verdict: 'failed',
    must: ['http-5xx'],
    may: cutOutcomes,
    lostPercent: [6, 60],
    why: 'nginx goes on for the length of its hook without its application',
  },
  {
    scenario: 'rollout',
    configuration: 'graceful',
    verdict: 'passed',
    must: [],
    may: [],
    lostPercent: [0, 0],
    why: 'every step waits for the one before it',
  },
  {
    scenario: 'scale-down',
    configuration: 'naive',
    ...closedPortCell,
    may: [...cutOutcomes, ...unreachableOutcomes],
    lostPercent: [0.2, 2],
    why: 'two of four pods close their ports at once',
  },
  {
    scenario: 'scale-down',
    configuration: 'sleep',
    verdict: 'failed',
    must: ['closed-before-response'],
    may: [...cutOutcomes, ...serverErrorOutcomes, ...unreachableOutcomes],
    lostPercent: [0.1, 1],
    why: 'TERM cuts what kept connections to two of four pods still carry',
  },
  {
    scenario: 'scale-down',
    configuration: 'graceful',
    verdict: 'passed',
    must: [],
    may: [],
    lostPercent: [0, 0],
    why: 'the pods that stay take over before the others stop',
  },
  {
    scenario: 'eviction',
    configuration: 'naive',
    verdict: 'failed',
    must: ['refused', 'closed-before-response'],
    may: [...cutOutcomes, ...unreachableOutcomes, ...serverErrorOutcomes],
    lostPercent: [5, 50],
    why: 'all pods are evicted at once: until new ones are ready nothing serves',
  },
  {
    scenario: 'eviction',
    configuration: 'sleep',
    verdict: 'failed',
    must: ['closed-before-response'],
    may: [...cutOutcomes, ...serverErrorOutcomes, 'refused'],
    lostPercent: [0.1, 1],
    why: 'all pods sleep while new ones start, and cut what kept connections carry',
  },
  {
    scenario: 'eviction',
    configuration: 'graceful',
    verdict: 'passed',
    must: [],
    may: [],
    lostPercent: [0, 0],
    why: 'the old pods go on serving for as long as new ones need to start',
  },
  {
    scenario: 'eviction-budget',
    configuration: 'naive',
    ...closedPortCell,
    may: [...cutOutcomes, ...unreachableOutcomes],
    lostPercent: [0.6, 6],
    why: 'one pod at a time, each as in a rollout',
  },
  {
    scenario: 'eviction-budget',
    configuration: 'graceful',
    verdict: 'passed',
    must: [],
    may: [],
    lostPercent: [0, 0],
    why: 'one pod at a time, none of which stops before it is out of the endpoints',
  },
]
