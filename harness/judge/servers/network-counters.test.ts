import { expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { frameRecords, buildLog, buildPlan, buildRequests } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

function createCounters(t: number, pod: string, listenDrops: number, synRetransmits = 0): LogRecord {
  return { type: 'network', t, at: t, pod, listenOverflows: 0, listenDrops, synRetransmits }
}

test('sums what each pod had counted at last', async () => {
  const records = [createCounters(5, 'old-a', 2), createCounters(9, 'old-a', 5), createCounters(7, 'driver', 0, 4)]
  const { network } = await analyseRun(buildPlan(), buildLog([...frameRecords, ...buildRequests(), ...records]))
  expect(network).toEqual({ pods: 2, listenOverflows: 0, listenDrops: 5, synRetransmits: 4 })
})

test('says nothing where nothing was told', async () => {
  expect((await analyseRun(buildPlan(), buildLog([...frameRecords, ...buildRequests()]))).network).toBeNull()
})
