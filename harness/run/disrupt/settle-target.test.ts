import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { explainUnsettledController, explainUnsettledPods } from './settle-target.ts'

/** `web-1 terminating`, `web-4 ended` in the meantime, `web-2 starting`, `web-3 failed`; any other is ready. */
function buildPods(...texts: string[]): V1Pod[] {
  return texts.map((text) => {
    const [name = '', state] = text.split(' ')
    const conditions = [{ type: 'Ready', status: state === undefined || state === 'terminating' ? 'True' : 'False' }]
    return {
      metadata: { name, ...(['terminating', 'ended'].includes(state ?? '') && { deletionTimestamp: new Date() }) },
      status: { phase: phases[state ?? ''] ?? 'Running', conditions },
    }
  })
}

const phases: Record<string, string> = { failed: 'Failed', ended: 'Succeeded' }

describe('pods', () => {
  test.each<[what: string, pods: string[], why: string | null]>([
    ['as many as wanted, all ready', ['a', 'b', 'c'], null],
    ['one that terminates beside enough others', ['a', 'b', 'c', 'd terminating'], 'still present: d'],
    ['one that terminates, and whose containers have ended', ['a', 'b', 'c', 'd ended'], 'still present: d'],
    ['one that is not ready', ['a', 'b', 'c starting'], 'not ready: c'],
    ['one that its kubelet evicted stays as an object', ['a', 'b', 'c', 'd failed'], null],
    ['one has gone of which its controller has not heard', ['a', 'b'], '2 of 3 pods'],
    ['none at all', [], '0 of 3 pods'],
    ['one too many', ['a', 'b', 'c', 'd'], '4 of 3 pods'],
  ])('%s', (_, pods, why) => {
    expect(explainUnsettledPods(buildPods(...pods), 3)).toBe(why)
  })
})

describe('controller', () => {
  const atRest = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
  test.each<[what: string, status: V1Deployment['status'], why: string | null]>([
    ['every pod is of its template, and available', atRest, null],
    [
      'a change that it has not seen',
      { ...atRest, observedGeneration: 1 },
      'its controller has not seen its latest change',
    ],
    ['pods of another template', { ...atRest, updatedReplicas: 1 }, '1 of 3 pods are of the new template'],
    ['pods beside those of its template', { ...atRest, replicas: 4 }, '4 pods, of 3'],
    ['pods that are not available yet', { ...atRest, availableReplicas: 2 }, '2 of 3 pods are available'],
    ['no status', {}, 'its controller has not seen its latest change'],
  ])('%s', (_, status = {}, why) => {
    expect(
      explainUnsettledController({ metadata: { generation: 2 }, spec: { replicas: 3 }, status } as V1Deployment),
    ).toBe(why)
  })
})
