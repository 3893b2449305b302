/** What each record of the event log must look like, except those that are too many for it (request-line.ts, summary-line.ts, served-line.ts). */
import { z } from 'zod'
import { momentSources } from '../model/record.ts'
import type { ContainerMoment, LogRecord } from '../model/record.ts'
import type { Step } from '../model/step.ts'
import { LogError, formatValue } from './log-error.ts'

export type SchemaRecord = Exclude<LogRecord, { type: 'request' | 'summary' | 'served' }>

const us = z.int()
const errorUs = z.number().nonnegative()
const count = z.int().nonnegative()
const text = z.string()

const steps: Record<Step, true> = {
  'deploy-begin': true,
  'deploy-ready': true,
  'load-begin': true,
  'disrupt-begin': true,
  'disrupt-end': true,
  'old-pods-gone': true,
  'load-stop': true,
  'load-end': true,
  interrupted: true,
  failed: true,
  end: true,
}
const moments: Record<ContainerMoment, true> = {
  started: true,
  stopping: true,
  'hook-began': true,
  'hook-ended': true,
  'hook-failed': true,
  signal: true,
  'stopped-accepting': true,
  exited: true,
  unhealthy: true,
  ready: true,
  'not-ready': true,
}
const createKeyEnum = <K extends string>(names: Record<K, true>): z.ZodType<K> =>
  z.enum(Object.keys(names) as [K, ...K[]])

const container = z.strictObject({
  name: text,
  ready: z.boolean(),
  restarts: count,
  state: z.enum(['waiting', 'running', 'terminated']),
  exitCode: z.int().nullable(),
})
const pod = z.strictObject({
  name: text,
  uid: text,
  node: text.nullable(),
  ip: text.nullable(),
  phase: text,
  ready: z.boolean(),
  terminating: z.boolean(),
  graceSeconds: z.number().nullable(),
  containers: z.array(container),
})
const endpoint = z.strictObject({
  pod: text,
  ip: text,
  ready: z.boolean(),
  serving: z.boolean(),
  terminating: z.boolean(),
})
const health = z.strictObject({
  planned: count,
  settled: count,
  inFlight: count,
  loopDelayMaxUs: z.number().nonnegative(),
  cpuShare: z.number().nonnegative(),
  waitShare: z.number().nonnegative().exactOptional(),
  stolenShare: z.number().nonnegative().exactOptional(),
  idleShare: z.number().nonnegative().exactOptional(),
})

type Type = SchemaRecord['type']
const shapes = {
  begin: z.strictObject({
    type: z.literal('begin'),
    t: us,
    schema: z.literal(1),
    runId: text,
    planDigest: text.nullable().default(null),
    wallClock: text,
  }),
  deployed: z.strictObject({ type: z.literal('deployed'), t: us, planDigest: text }),
  step: z.strictObject({ type: z.literal('step'), t: us, step: createKeyEnum(steps), detail: text.nullable() }),
  pod: z.strictObject({ type: z.literal('pod'), t: us, change: z.enum(['added', 'modified', 'deleted']), pod }),
  endpoints: z.strictObject({
    type: z.literal('endpoints'),
    t: us,
    slice: text,
    service: text,
    endpoints: z.array(endpoint),
  }),
  container: z.strictObject({
    type: z.literal('container'),
    t: us,
    at: us,
    errorUs,
    source: z.enum(momentSources),
    pod: text,
    container: text,
    moment: createKeyEnum(moments),
    detail: text.nullable(),
  }),
  'log-read': z.strictObject({
    type: z.literal('log-read'),
    t: us,
    pod: text,
    container: text,
    complete: z.boolean(),
    why: text.nullable(),
    requests: count.nullable().default(null),
  }),
  network: z.strictObject({
    type: z.literal('network'),
    t: us,
    at: us,
    pod: text,
    listenOverflows: count,
    listenDrops: count,
    synRetransmits: count,
  }),
  programmed: z.strictObject({
    type: z.literal('programmed'),
    t: us,
    at: us,
    errorUs,
    service: text,
    pods: z.array(text),
  }),
  event: z.strictObject({ type: z.literal('event'), t: us, object: text, reason: text, message: text }),
  eviction: z.strictObject({ type: z.literal('eviction'), t: us, pod: text, status: count, message: text }),
  gap: z.strictObject({ type: z.literal('gap'), t: us, from: us, what: text, why: text }),
  clock: z.strictObject({ type: z.literal('clock'), t: us, driver: count, offsetUs: z.number(), errorUs }),
  driver: z.strictObject({ type: z.literal('driver'), t: us, driver: count, health }),
  end: z.strictObject({
    type: z.literal('end'),
    t: us,
    // Logs of the time when there was one driver do not name it.
    driver: count.default(0),
    planned: count,
    lost: text.nullable().default(null),
  }),
} satisfies { [T in Type]: z.ZodType<Extract<SchemaRecord, { type: T }>> }

const mostFaults = 5

/** The record that `value` is; throws a LogError that says what is wrong with it. */
export function parseRecord(value: unknown): SchemaRecord {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) {
    throw new LogError(`a record cannot be of type ${formatValue(type)}`)
  }
  const result = shapes[type as Type].safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues
    .slice(0, mostFaults)
    .map(({ path, message }) => `${path.join('.') || 'record'}: ${message.slice(0, 100)}`)
  throw new LogError(`a ${type} record is malformed (${faults.join('; ')})`)
}
