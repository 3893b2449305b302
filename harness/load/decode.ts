/** From the wire's columns to records on the run's clock. */
import { lanes } from '../model/plan.ts'
import type { RequestRecord } from '../model/record.ts'
import { fates } from './protocol.ts'
import type { WireBatch } from './protocol.ts'

/** `offsetUs`: how far the driver's clock runs ahead of the run's. */
export function decodeBatch(wire: WireBatch, offsetUs: number): RequestRecord[] {
  return Array.from({ length: wire.count }, (_, index) => decode(wire, offsetUs, index))
}

function decode({ columns, baseUs, driver, texts }: WireBatch, offsetUs: number, index: number): RequestRecord {
  const number = (column: keyof typeof columns): number => {
    const value = columns[column][index]
    if (value === undefined) throw new Error(`Cannot read record ${index} of a batch: ${column} is missing`)
    return value
  }
  const nullable = (column: keyof typeof columns): number | null => (number(column) < 0 ? null : number(column))
  const since = (column: keyof typeof columns, fromUs: number | null): number | null =>
    fromUs === null || number(column) < 0 ? null : fromUs + number(column)
  const text = (column: 'pod' | 'previousPod' | 'detail'): string | null => texts[number(column)] ?? null
  const lane = lanes[number('lane')]
  const outcome = fates[number('outcome')]
  if (lane === undefined || outcome === undefined)
    throw new Error(`Cannot read record ${index} of a batch: no such lane or outcome`)
  const dueUs = baseUs + number('due') - offsetUs
  const sentUs = since('sent', dueUs)
  return {
    seq: number('seq'),
    driver,
    lane,
    outcome,
    dueUs,
    sentUs,
    connectedUs: since('connected', sentUs),
    firstByteUs: since('firstByte', sentUs),
    settledUs: dueUs + number('settled'),
    status: nullable('status'),
    connection: nullable('connection'),
    use: number('use'),
    idleUs: number('idle'),
    bytes: number('bytes'),
    pod: text('pod'),
    previousPod: text('previousPod'),
    localPort: nullable('port'),
    detail: text('detail'),
  }
}
