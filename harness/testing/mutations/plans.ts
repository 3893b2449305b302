/** Damage to the plan; if the log's digest matches it, only the records show that another plan was carried out. */
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { LoadPlan, RunPlan, Scenario } from '../../model/plan.ts'
import { computeUndisturbed, disruptOnce } from '../../model/steps/order.ts'
import { conclusionsButLosses, mapRecordsOfType, allConclusions } from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'

const conclusionsOfPlan = ['none-lost', 'how-many', 'whose'] as const

/** Another plan, with a matching digest in the log. */
const replacePlan = (log: RunLog, change: Partial<RunPlan>): RunLog => ({ ...log, plan: { ...log.plan, ...change } })

const replaceScenario = (log: RunLog, change: Partial<Scenario>): RunLog =>
  replacePlan(log, { scenario: { ...log.plan.scenario, ...change } })

const replaceLoad = (log: RunLog, change: (load: LoadPlan) => Partial<LoadPlan>): RunLog => {
  const { load: own } = log.plan.scenario
  return replaceScenario(log, { load: { ...own, ...change(own) } })
}

function scalePhase(log: RunLog, phase: 'beforeMs' | 'afterMs', factor: number): RunLog {
  const { steps } = log.plan.scenario
  const place = phase === 'beforeMs' ? 0 : steps.length - 1
  return replaceScenario(log, {
    steps: steps.map((step, index) =>
      index === place && step.kind === 'steady' ? { ...step, forMs: step.forMs * factor } : step,
    ),
  })
}

function buildDisruptionMutation(name: string, disruption: Disruption, voids: Mutation['voids']): Mutation {
  return {
    name: `plan ${name}`,
    touches: 'the plan: something else was done to the pods',
    voids,
    damage(log) {
      const { steps } = log.plan.scenario
      if (steps.some(({ kind }) => kind === disruption.kind)) return null
      return replaceScenario(log, { steps: disruptOnce(disruption, computeUndisturbed(steps)) })
    },
  }
}

const forgedPlanMutations: readonly Mutation[] = [
  {
    name: 'plan half the rate',
    touches: 'the rate: twice as much was sent',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond / 2 })),
  },
  {
    name: 'plan ten times the rate',
    touches: 'the rate: a tenth of it was sent',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond * 10 })),
  },
  {
    name: 'plan 3 % more',
    touches: 'the rate: less was sent',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond * 1.03 })),
  },
  {
    name: 'plan other shares of the lanes',
    touches: 'the lanes: other ones were sent',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, () => ({ shares: { fresh: 0.4, reused: 0.4, 'reused-post': 0.2 } })),
  },
  {
    name: 'plan no control lane',
    touches: 'the lanes: there was one',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, () => ({ controlPerSecond: 0 })),
  },
  {
    name: 'plan twice the control lane',
    touches: 'the lanes: half of it was sent',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, ({ controlPerSecond = 0 }) => ({ controlPerSecond: 2 * controlPerSecond })),
  },
  {
    name: 'plan a closed loop',
    touches: 'the schedule: a closed loop has none, nor a control lane',
    voids: conclusionsButLosses,
    damage: (log) => replaceLoad(log, () => ({ closedLoop: { engine: 'autocannon', connections: 10 } })),
  },
  {
    name: 'plan with another seed',
    touches: 'the schedule: lanes are dealt otherwise',
    voids: conclusionsButLosses,
    damage: (log) => replacePlan(log, { seed: log.plan.seed + 1 }),
  },
  {
    name: 'plan twice the load before',
    touches: 'the phases: it was shorter',
    voids: conclusionsButLosses,
    damage: (log) => scalePhase(log, 'beforeMs', 2),
  },
  {
    name: 'plan half the load before',
    touches: 'the phases: it was longer',
    voids: conclusionsButLosses,
    damage: (log) => scalePhase(log, 'beforeMs', 0.5),
  },
  {
    name: 'plan twice the load after',
    touches: 'the phases: it was shorter',
    voids: conclusionsButLosses,
    damage: (log) => scalePhase(log, 'afterMs', 2),
  },
  {
    name: 'plan half the load after',
    touches: 'the phases: it was longer',
    voids: conclusionsButLosses,
    damage: (log) => scalePhase(log, 'afterMs', 0.5),
  },
  {
    name: 'plan one pod more',
    touches: 'the pods: fewer were ready',
    voids: conclusionsOfPlan,
    damage: (log) => replaceScenario(log, { replicas: log.plan.scenario.replicas + 1 }),
  },
  {
    name: 'plan one pod fewer',
    touches: 'the pods: more were ready',
    voids: conclusionsOfPlan,
    damage: (log) => replaceScenario(log, { replicas: log.plan.scenario.replicas - 1 }),
  },
  {
    name: 'plan one driver more',
    touches: 'the drivers: one of them has no end',
    voids: allConclusions,
    damage: (log) => replacePlan(log, { drivers: log.plan.drivers + 1 }),
  },
  buildDisruptionMutation('an eviction', { kind: 'evict' }, allConclusions),
  buildDisruptionMutation('a rollout', { kind: 'rollout-restart' }, allConclusions),
  buildDisruptionMutation('a scale-down to one pod', { kind: 'scale', to: 1 }, allConclusions),
  buildDisruptionMutation('a scale-up', { kind: 'scale', to: 9 }, allConclusions),
]

const otherPlanMutations: readonly Mutation[] = [
  {
    name: 'change the plan’s file in any of its fields',
    touches: 'the plan: the log has another digest of it',
    voids: allConclusions,
    damage: (log, random) => {
      const other = random() < 0.5 ? ('loses' as const) : ('loses-none' as const)
      const configuration = { ...log.plan.configuration, expects: other }
      return { ...replacePlan(log, { configuration }), planDigest: '1'.repeat(64) }
    },
  },
  {
    name: 'judge the log by the plan of another run',
    touches: 'the plan: it is of another run',
    voids: allConclusions,
    damage: (log) => replacePlan(log, { runId: `${log.plan.runId}-2` }),
  },
  {
    name: 'judge the log by the plan of another run, as if it were of that one',
    touches: 'the plan: the log has the digest of another',
    voids: allConclusions,
    damage(log) {
      const runId = `${log.plan.runId}-2`
      const named = mapRecordsOfType(log, 'begin', (begin) => ({ ...begin, runId }))
      return { ...replacePlan(named, { runId }), planDigest: '2'.repeat(64) }
    },
  },
]

export const planMutations: readonly Mutation[] = [...forgedPlanMutations, ...otherPlanMutations]
