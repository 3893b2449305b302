/** Damage to the plan; where the log's digest of it agrees, only what was done tells that another was carried out. */
import type { Disruption, LoadPlan, RunPlan, Scenario } from '../../model/plan.ts'
import { allButLosses, changedOf, everything } from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'

const met = ['none-lost', 'how-many', 'whose'] as const

/** Another plan, with a digest that agrees with the log's. */
const planned = (log: RunLog, change: Partial<RunPlan>): RunLog => ({ ...log, plan: { ...log.plan, ...change } })

const scenario = (log: RunLog, change: Partial<Scenario>): RunLog =>
  planned(log, { scenario: { ...log.plan.scenario, ...change } })

const load = (log: RunLog, change: (load: LoadPlan) => Partial<LoadPlan>): RunLog => {
  const { load: own } = log.plan.scenario
  return scenario(log, { load: { ...own, ...change(own) } })
}

function phases(log: RunLog, phase: 'beforeMs' | 'afterMs', factor: number): RunLog {
  const { phases: own } = log.plan.scenario
  return scenario(log, { phases: { ...own, [phase]: own[phase] * factor } })
}

function disrupted(name: string, disruption: Disruption, voids: Mutation['voids']): Mutation {
  return {
    name: `plan ${name}`,
    touches: 'the plan: something else was done to the pods',
    voids,
    damage: (log) => (log.plan.scenario.disruption.kind === disruption.kind ? null : scenario(log, { disruption })),
  }
}

const forged: readonly Mutation[] = [
  {
    name: 'plan half the rate',
    touches: 'the rate: twice as much was sent',
    voids: allButLosses,
    damage: (log) => load(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond / 2 })),
  },
  {
    name: 'plan ten times the rate',
    touches: 'the rate: a tenth of it was sent',
    voids: allButLosses,
    damage: (log) => load(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond * 10 })),
  },
  {
    name: 'plan 3 % more',
    touches: 'the rate: less was sent',
    voids: allButLosses,
    damage: (log) => load(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond * 1.03 })),
  },
  {
    name: 'plan other shares of the lanes',
    touches: 'the lanes: other ones were sent',
    voids: allButLosses,
    damage: (log) => load(log, () => ({ shares: { fresh: 0.4, reused: 0.4, 'reused-post': 0.2 } })),
  },
  {
    name: 'plan no control lane',
    touches: 'the lanes: there was one',
    voids: allButLosses,
    damage: (log) => load(log, () => ({ controlPerSecond: 0 })),
  },
  {
    name: 'plan twice the control lane',
    touches: 'the lanes: half of it was sent',
    voids: allButLosses,
    damage: (log) => load(log, ({ controlPerSecond = 0 }) => ({ controlPerSecond: 2 * controlPerSecond })),
  },
  {
    name: 'plan a closed loop',
    touches: 'the schedule: a closed loop has none, nor a control lane',
    voids: allButLosses,
    damage: (log) => load(log, () => ({ closedLoop: { engine: 'autocannon', connections: 10 } })),
  },
  {
    name: 'plan with another seed',
    touches: 'the schedule: lanes are dealt otherwise',
    voids: allButLosses,
    damage: (log) => planned(log, { seed: log.plan.seed + 1 }),
  },
  {
    name: 'plan twice the load before',
    touches: 'the phases: it was shorter',
    voids: allButLosses,
    damage: (log) => phases(log, 'beforeMs', 2),
  },
  {
    name: 'plan half the load before',
    touches: 'the phases: it was longer',
    voids: allButLosses,
    damage: (log) => phases(log, 'beforeMs', 0.5),
  },
  {
    name: 'plan twice the load after',
    touches: 'the phases: it was shorter',
    voids: allButLosses,
    damage: (log) => phases(log, 'afterMs', 2),
  },
  {
    name: 'plan half the load after',
    touches: 'the phases: it was longer',
    voids: allButLosses,
    damage: (log) => phases(log, 'afterMs', 0.5),
  },
  {
    name: 'plan one pod more',
    touches: 'the pods: fewer were ready',
    voids: met,
    damage: (log) => scenario(log, { replicas: log.plan.scenario.replicas + 1 }),
  },
  {
    name: 'plan one pod fewer',
    touches: 'the pods: more were ready',
    voids: met,
    damage: (log) => scenario(log, { replicas: log.plan.scenario.replicas - 1 }),
  },
  {
    name: 'plan one driver more',
    touches: 'the drivers: one of them has no end',
    voids: everything,
    damage: (log) => planned(log, { drivers: log.plan.drivers + 1 }),
  },
  disrupted('an eviction', { kind: 'evict' }, everything),
  disrupted('a rollout', { kind: 'rollout-restart' }, everything),
  disrupted('a scale-down to one pod', { kind: 'scale', to: 1 }, everything),
  disrupted('a scale-up', { kind: 'scale', to: 9 }, everything),
]

const unnoticedByDigest: readonly Mutation[] = [
  {
    name: 'change the plan’s file in any of its fields',
    touches: 'the plan: the log has another digest of it',
    voids: everything,
    damage: (log, random) => {
      const other = random() < 0.5 ? ('loses' as const) : ('loses-none' as const)
      const configuration = { ...log.plan.configuration, expects: other }
      return { ...planned(log, { configuration }), planDigest: '1'.repeat(64) }
    },
  },
  {
    name: 'judge the log by the plan of another run',
    touches: 'the plan: it is of another run',
    voids: everything,
    damage: (log) => planned(log, { runId: `${log.plan.runId}-2` }),
  },
  {
    name: 'judge the log by the plan of another run, as if it were of that one',
    touches: 'the plan: the log has the digest of another',
    voids: everything,
    damage(log) {
      const runId = `${log.plan.runId}-2`
      const named = changedOf(log, 'begin', (begin) => ({ ...begin, runId }))
      return { ...planned(named, { runId }), planDigest: '2'.repeat(64) }
    },
  },
]

export const ofPlans: readonly Mutation[] = [...forged, ...unnoticedByDigest]
