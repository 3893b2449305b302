import { expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { frame, logOf, planOf, requestsOf } from '../../testing/samples/rollout-log.ts'
import { analyse } from '../verdict/analyse-run.ts'

function counted(t: number, pod: string, listenDrops: number, synRetransmits = 0): LogRecord {
  return { type: 'network', t, at: t, pod, listenOverflows: 0, listenDrops, synRetransmits }
}

test('sums what each pod had counted at last', async () => {
  const records = [counted(5, 'old-a', 2), counted(9, 'old-a', 5), counted(7, 'driver', 0, 4)]
  const { network } = await analyse(planOf(), logOf([...frame, ...requestsOf(), ...records]))
  expect(network).toEqual({ pods: 2, listenOverflows: 0, listenDrops: 5, synRetransmits: 4 })
})

test('says nothing where nothing was told', async () => {
  expect((await analyse(planOf(), logOf([...frame, ...requestsOf()]))).network).toBeNull()
})
