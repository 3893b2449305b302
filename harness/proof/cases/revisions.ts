/** ReplicaSets of a Deployment: one for each template, by name, hash and revision. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { matchesPattern } from '../stage/expectation.ts'
import type { CaseContext } from '../stage/case-context.ts'
import {
  waitForAvailable,
  changeDeployment,
  createDeployment,
  buildTemplatePatch,
  quickPod,
  listReplicaSets,
  readRevision,
} from '../stage/workloads.ts'

async function observeRollback(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1 })
  await waitForAvailable(scene, 1)
  const [first] = await listReplicaSets(scene)
  await changeDeployment(scene, buildTemplatePatch())
  await waitForAvailable(scene, 1)
  const { metadata, spec } = first ?? {}
  const undo = { spec: { template: { metadata: { annotations: null }, spec: spec?.template?.spec } } }
  await changeDeployment(scene, undo)
  const deployment = await waitForAvailable(scene, 1)
  const sets = await listReplicaSets(scene)
  return {
    sets: sets.length,
    reused: sets.at(-1)?.metadata?.name === metadata?.name,
    revisions: sets.map(readRevision),
    revision: readRevision(deployment),
    replicas: sets.map(({ spec }) => spec?.replicas),
  }
}

async function observeHistory(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1, revisionHistoryLimit: 1 })
  await waitForAvailable(scene, 1)
  for (const version of ['2', '3', '4']) {
    await changeDeployment(scene, buildTemplatePatch(quickPod, version))
    await waitForAvailable(scene, 1)
  }
  await sleep(1_500)
  return { revisions: (await listReplicaSets(scene)).map(readRevision) }
}

async function observeNames(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1 })
  const { metadata } = await waitForAvailable(scene, 1)
  const [set] = await listReplicaSets(scene)
  const pod = scene.pods.at(-1)?.pod
  const hash = set?.metadata?.labels?.['pod-template-hash'] ?? ''
  const [ofSet] = set?.metadata?.ownerReferences ?? []
  const [ofPod] = pod?.metadata?.ownerReferences ?? []
  return {
    hashIsInNames: set?.metadata?.name === `web-${hash}` && pod?.metadata?.name?.startsWith(`web-${hash}-`),
    podLabel: pod?.metadata?.labels?.['pod-template-hash'] === hash,
    selector: set?.spec?.selector?.matchLabels?.['pod-template-hash'] === hash,
    podName: pod?.metadata?.name ?? null,
    generateName: pod?.metadata?.generateName === `web-${hash}-`,
    owners: [ofSet, ofPod].map((owner) => `${owner?.kind} ${owner?.controller} ${owner?.blockOwnerDeletion}`),
    ownerUids: ofSet?.uid === metadata?.uid && ofPod?.uid === set?.metadata?.uid,
  }
}

export const revisions: Topic = {
  topic: 'Revisions',
  cases: [
    {
      name: 'rollback-reuses-replica-set',
      claim: 'Going back to an earlier template takes its ReplicaSet up again, under a new revision.',
      source: `${pages.deployment}#rolling-back-a-deployment`,
      observe: observeRollback,
      expected: { sets: 2, reused: true, revisions: [2, 3], revision: 3, replicas: [0, 1] },
    },
    {
      name: 'revision-history',
      claim: 'Of the old ReplicaSets revisionHistoryLimit are kept, the newest.',
      source: `${pages.deployment}#revision-history-limit`,
      observe: observeHistory,
      expected: { revisions: [3, 4] },
    },
    {
      name: 'names-and-owners',
      claim: 'ReplicaSets and pods carry the template’s hash in name, label and selector, and their owner’s UID.',
      source: `${pages.deployment}#pod-template-hash-label`,
      observe: observeNames,
      expected: {
        hashIsInNames: true,
        podLabel: true,
        selector: true,
        podName: matchesPattern(/^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/),
        generateName: true,
        owners: ['Deployment true true', 'ReplicaSet true true'],
        ownerUids: true,
      },
    },
  ],
}
