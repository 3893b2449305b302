import { expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { noIdentification } from '../../model/workload.ts'
import { buildRefused } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRolloutLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const sample = buildPlan()
const plan = { ...sample, workload: { ...sample.workload, identification: noIdentification } }

/** What is concluded of a rollout whose answers name no pod; `change` gets each request. */
function analyseUnnamed(
  change: (request: RequestRecord) => RequestRecord = (request) => request,
  keep: (record: LogRecord) => boolean = () => true,
): Promise<Analysis> {
  const log = buildRolloutLog((request) => change({ ...request, pod: null, previousPod: null }))
  return analyseRun(plan, buildLog(log.filter(keep)))
}

const isDueBetween = ({ dueUs }: RequestRecord, fromUs: number, toUs: number): boolean =>
  dueUs >= fromUs && dueUs < toUs

test('answers without a pod: a rollout that loses nothing passes', async () => {
  const { verdict, claims } = await analyseUnnamed()
  expect(claims.filter(({ holds }) => !holds)).toEqual([])
  expect(verdict).toBe('passed')
})

test('answers without a pod: a pod that was no endpoint is not taken to be met', async () => {
  const isAfterRestart = (record: LogRecord): boolean => record.type === 'endpoints' && record.t > 5 * second
  const { verdict, because } = await analyseUnnamed(undefined, (record) => !isAfterRestart(record))
  expect(verdict).toBe('unknown')
  expect(because[0]).toMatch(/^new-b was no ready endpoint of the Service after the disruption/)
})

test('answers without a pod: a refusal most likely belongs to the pod that was stopping', async () => {
  const { losses } = await analyseUnnamed((request) =>
    isDueBetween(request, 4.05 * second, 4.1 * second)
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  // The other one got ready 150 ms before, and nobody has seen it serve.
  expect(losses).toHaveLength(5)
  for (const loss of losses) expect(loss).toMatchObject({ pod: 'old-a', candidates: ['old-a', 'new-a'] })
})

test('answers without a pod: a kept connection that was cut belongs to the pod that stopped meanwhile', async () => {
  const cutUs = 4.321 * second
  const { losses } = await analyseUnnamed((request) => {
    if (!isDueBetween(request, 4.3 * second, 4.31 * second)) return request
    const kept = { use: 7, idleUs: 500 * ms, connectedUs: request.sentUs, firstByteUs: null, status: null, bytes: 0 }
    return { ...request, ...kept, outcome: 'reset-before-response', settledUs: cutUs, detail: 'ECONNRESET' }
  })
  expect(losses).toMatchObject([{ pod: 'old-a', attributedBy: 'moment', moment: { name: 'exited' } }])
})

test('answers without a pod: pods that are ready for long are not suspected for want of a name', async () => {
  const { losses } = await analyseUnnamed((request) =>
    isDueBetween(request, 9 * second, 9.01 * second)
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  expect(losses).toMatchObject([{ pod: null, candidates: [] }])
})
