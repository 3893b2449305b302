/** Which pods are deleted first when a ReplicaSet has too many. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { openGate, addReadinessGate } from '../stage/gates.ts'
import { waitUntil } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { waitForAvailable, changeDeployment, createDeployment, listPresentPods, quickPod } from '../stage/workloads.ts'

const costKey = 'controller.kubernetes.io/pod-deletion-cost'

function readName(pod: V1Pod): string {
  return pod.metadata?.name ?? ''
}

async function waitForPodNames(scene: CaseContext, count: number): Promise<string[]> {
  return waitUntil(scene, `${count} pods`, () => {
    const names = (listPresentPods(scene).at(-1) ?? []).map(readName)
    return names.length === count ? names.sort() : undefined
  })
}

async function setCost({ api, namespace }: CaseContext, name: string, cost: number): Promise<void> {
  const body = [{ op: 'add', path: '/metadata/annotations', value: { [costKey]: String(cost) } }]
  await api.core.patchNamespacedPod({ name, namespace, body })
}

async function observeDeletionCost(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 3 })
  await waitForAvailable(scene, 3)
  const [a = '', b = '', c = ''] = await waitForPodNames(scene, 3)
  await Promise.all([setCost(scene, a, 100), setCost(scene, b, -5), setCost(scene, c, 7)])
  // Until the controller has seen them.
  await sleep(1_000)
  await changeDeployment(scene, { spec: { replicas: 2 } })
  const two = await waitForPodNames(scene, 2)
  await changeDeployment(scene, { spec: { replicas: 1 } })
  const one = await waitForPodNames(scene, 1)
  return { cheapestWentFirst: !two.includes(b), dearestStayed: one[0] === a }
}

async function observeUnreadyFirst(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 3 }, addReadinessGate(quickPod))
  const [a = '', b = '', c = ''] = await waitForPodNames(scene, 3)
  await Promise.all([openGate(scene, a), openGate(scene, c), setCost(scene, b, 1000)])
  await waitUntil(scene, 'two ready pods', async () => {
    const { status } = await scene.api.apps.readNamespacedDeployment({ name: 'web', namespace: scene.namespace })
    return status?.readyReplicas === 2 ? true : undefined
  })
  await sleep(1_000)
  await changeDeployment(scene, { spec: { replicas: 2 } })
  return { unreadyWent: !(await waitForPodNames(scene, 2)).includes(b) }
}

/** Ages are compared on a logarithmic scale: a second is in another bucket than twelve. */
async function observeYoungestFirst(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1 })
  await waitForAvailable(scene, 1)
  const [old] = await waitForPodNames(scene, 1)
  await sleep(12_000)
  await changeDeployment(scene, { spec: { replicas: 2 } })
  await waitForAvailable(scene, 2)
  await changeDeployment(scene, { spec: { replicas: 1 } })
  return { oldStayed: (await waitForPodNames(scene, 1))[0] === old }
}

export const victims: Topic = {
  topic: 'Scale-down',
  cases: [
    {
      name: 'victim-by-cost',
      claim: 'Of pods that are equally ready those with the lowest pod-deletion-cost go first.',
      source: `${pages.replicaSet}#pod-deletion-cost`,
      observe: observeDeletionCost,
      expected: { cheapestWentFirst: true, dearestStayed: true },
    },
    {
      name: 'victim-unready-first',
      claim: 'Pods that are not ready go first, whatever their deletion cost.',
      source:
        'https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/controller/controller_utils.go (ActivePodsWithRanks)',
      observe: observeUnreadyFirst,
      expected: { unreadyWent: true },
    },
    {
      name: 'victim-youngest-first',
      claim: 'Of pods that are alike in everything else the youngest goes first.',
      source: `${pages.replicaSet}#scaling-a-replicaset`,
      observe: observeYoungestFirst,
      expected: { oldStayed: true },
    },
  ],
}
