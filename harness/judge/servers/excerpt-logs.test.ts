import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Loss } from '../../model/result.ts'
import { servedAt } from '../../testing/samples/records.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { second } from '../../testing/samples/rollout-log.ts'
import { excerptLogs, narrowExcerpts } from './excerpt-logs.ts'
import { ServedTable } from './served-table.ts'

const [sample] = buildSampleComparison().runs.flatMap(({ analysis }) => analysis.losses)

function loseAt(lostUs: number, pod: string | null = 'web-a'): Loss {
  return { ...sample!, pod, lostUs }
}

function tabulate(...lines: ReturnType<typeof servedAt>[]): ServedTable {
  const table = new ServedTable()
  for (const record of lines) if (record.type === 'served') table.add(record)
  return table
}

const nginx = { pod: 'web-a', container: 'nginx' } as const
const app = { pod: 'web-a', container: 'app' } as const
const other = { pod: 'web-b', container: 'nginx' } as const

test('around a loss: three lines before it and three after, of each container of its pod, in the order of time', () => {
  const seqs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const table = tabulate(
    // Lines come in any order.
    ...seqs.toReversed().map((seq) => servedAt(second * (1 + seq / 10), nginx, { seq })),
    servedAt(second * 1.21, app, { seq: 2, status: 502, tookUs: 7 }),
    servedAt(second * 1.41, other, { seq: 77 }),
  )
  const [front, behind, ...more] = excerptLogs([loseAt(second * 1.45)], table)
  expect(front).toMatchObject({ pod: 'web-a', container: 'nginx', errorUs: 1_600 })
  expect(front?.lines.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7])
  expect(behind).toMatchObject({ pod: 'web-a', container: 'app' })
  expect(behind?.lines).toEqual([{ driver: 0, seq: 2, atUs: second * 1.21, status: 502, tookUs: 7 }])
  expect(more).toEqual([])
})

test('a line that many losses share stands there once; one of five seconds earlier or later explains nothing', () => {
  const table = tabulate(servedAt(second, nginx, { seq: 1 }), servedAt(20 * second, nginx, { seq: 2 }))
  const losses = [loseAt(2 * second), loseAt(2.001 * second), loseAt(6 * second), loseAt(6.1 * second)]
  const [excerpt] = excerptLogs(losses, table)
  expect(excerpt?.lines.map(({ seq }) => seq)).toEqual([1])
  expect(narrowExcerpts([excerpt!], [losses[3]!])).toEqual([])
  expect(narrowExcerpts([excerpt!], [losses[2]!])).toEqual([excerpt])
})

test('losses whose pod is not known have no lines around them', () => {
  expect(excerptLogs([loseAt(second, null)], tabulate(servedAt(second, nginx, { seq: 1 })))).toEqual([])
})

test('the lines of few of the losses are those that they would have had by themselves', () => {
  const instants = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 30 })
  fc.assert(
    fc.property(instants, instants, instants, (written, all, few) => {
      const table = tabulate(...written.map((at, seq) => servedAt(at * 100_000, nginx, { seq })))
      const [own, others] = [few, all].map((list) => list.map((at) => loseAt(at * 100_000)))
      const alone = excerptLogs(own!, table).filter(({ lines }) => lines.length > 0)
      expect(narrowExcerpts(excerptLogs([...own!, ...others!], table), own!)).toEqual(alone)
    }),
  )
})
