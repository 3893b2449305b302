import { expect, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import { performDisruption } from './disrupt.ts'

/** As a real API server answers an eviction that a budget does not allow. */
const refusal = {
  kind: 'Status',
  status: 'Failure',
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
  reason: 'TooManyRequests',
  details: {
    causes: [
      { reason: 'DisruptionBudget', message: 'The disruption budget strict needs 1 healthy pods and has 1 currently' },
    ],
  },
  code: 429,
}

test('eviction: one that a budget never allows ends with its words', async () => {
  await using server = await startApiProxy()
  server.answer = ({ method }) =>
    method === 'GET'
      ? { status: 200, body: { kind: 'PodList', items: [{ metadata: { name: 'web-1' } }] } }
      : { status: 429, body: refusal }
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  const answers: number[] = []
  const context = {
    api,
    namespace: 'n',
    limitMs: 700,
    signal: new AbortController().signal,
    onEviction: ({ status }: { status: number }) => void answers.push(status),
  }
  await expect(performDisruption({ kind: 'evict' }, context)).rejects.toMatchObject({
    kind: 'unknown',
    message:
      "Cannot evict web-1 within 0.7 s: Cannot evict pod as it would violate the pod's disruption budget. " +
      'The disruption budget strict needs 1 healthy pods and has 1 currently',
  })
  expect(new Set(answers)).toEqual(new Set([429]))
  expect(answers.length).toBeGreaterThan(1)
  api.close()
})
