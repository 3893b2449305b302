/** How many pods a rolling update may add and remove: visible when a rollout is stuck because no new pod becomes ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pages } from './case.ts'
import type { Case, Observations, Topic } from './case.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { waitUntil } from '../stage/case-context.ts'
import {
  waitForAvailable,
  changeDeployment,
  createDeployment,
  neverReady,
  buildTemplatePatch,
  listReplicaSets,
} from '../stage/workloads.ts'

type Bound = number | string
interface Strategy {
  replicas: number
  maxSurge: Bound
  maxUnavailable: Bound
}

/** The sizes of two ReplicaSets once they have not changed for two seconds. */
async function waitUntilStuck(scene: CaseContext): Promise<{ old: number; new: number }> {
  let last = ''
  let since = 0
  return waitUntil(scene, 'the rollout to stand still', async () => {
    const sets = await listReplicaSets(scene)
    const [old, fresh] = sets.map(({ spec }) => spec?.replicas ?? 0)
    const busy = sets.some(({ spec, status }) => spec?.replicas !== status?.replicas)
    if (busy || fresh === undefined || last !== `${old} ${fresh}`) {
      last = `${old} ${fresh}`
      since = performance.now()
    }
    await sleep(200)
    return performance.now() - since > 2_000 ? { old: old ?? 0, new: fresh ?? 0 } : undefined
  })
}

async function observeStuckRollout(
  scene: CaseContext,
  { replicas, maxSurge, maxUnavailable }: Strategy,
): Promise<Observations> {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
  await createDeployment(scene, { replicas, strategy })
  await waitForAvailable(scene, replicas)
  await changeDeployment(scene, buildTemplatePatch(neverReady))
  return { ...(await waitUntilStuck(scene)) }
}

function buildArithmeticCase(name: string, claim: string, strategy: Strategy, expected: Case['expected']): Case {
  const { replicas, maxSurge, maxUnavailable } = strategy
  return {
    name,
    claim: `${claim} (${replicas} replicas, maxSurge ${maxSurge}, maxUnavailable ${maxUnavailable})`,
    source: `${pages.deployment}#rolling-update-deployment`,
    observe: (scene) => observeStuckRollout(scene, strategy),
    expected,
  }
}

async function observeProportionalScaling(scene: CaseContext): Promise<Observations> {
  const before = await observeStuckRollout(scene, { replicas: 4, maxSurge: 1, maxUnavailable: 1 })
  await changeDeployment(scene, { spec: { replicas: 8 } })
  return { before, after: await waitUntilStuck(scene) }
}

export const rolloutArithmetic: Topic = {
  topic: 'Rolling update: arithmetic',
  cases: [
    buildArithmeticCase(
      'percent-surge-up-unavailable-down',
      'Of a percentage, maxSurge is rounded up and maxUnavailable down',
      { replicas: 3, maxSurge: '30%', maxUnavailable: '30%' },
      { old: 3, new: 1 },
    ),
    buildArithmeticCase(
      'percent-default',
      'A quarter more and a quarter less than wanted',
      { replicas: 4, maxSurge: '25%', maxUnavailable: '25%' },
      { old: 3, new: 2 },
    ),
    buildArithmeticCase(
      'surge-only',
      'No old pod goes before a new one is available, and maxSurge new ones are tried',
      { replicas: 3, maxSurge: 2, maxUnavailable: 0 },
      { old: 3, new: 2 },
    ),
    buildArithmeticCase(
      'unavailable-only',
      'Without surge the place of each new pod is made by taking an old one away',
      { replicas: 3, maxSurge: 0, maxUnavailable: 2 },
      { old: 1, new: 2 },
    ),
    buildArithmeticCase(
      'both-round-to-zero',
      'When both come to nothing, one pod may be unavailable',
      { replicas: 3, maxSurge: 0, maxUnavailable: '25%' },
      { old: 2, new: 1 },
    ),
    buildArithmeticCase(
      'surge-not-beyond-wanted',
      'However large the surge, there are no more new pods than replicas',
      { replicas: 2, maxSurge: '200%', maxUnavailable: 1 },
      { old: 1, new: 2 },
    ),
    {
      name: 'proportional-scaling',
      claim: 'A Deployment that is scaled in the middle of a rollout shares the new replicas out in proportion.',
      source: `${pages.deployment}#proportional-scaling`,
      observe: observeProportionalScaling,
      expected: { before: { old: 3, new: 2 }, after: { old: 5, new: 4 } },
    },
  ],
}
