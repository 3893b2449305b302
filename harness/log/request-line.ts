/**
 * A request as one JSON array. There are many in a run, so their names are left out and their times are kept as
 * differences, which are short and alike and compress well:
 *
 *     ["request", driver, seq, lane, outcome, due, sent, connected, firstByte, settled, status, connection, use, idle,
 *      bytes, pod, previousPod, localPort, detail]
 *
 * `due` is µs on the run's clock; `sent`, `connected`, `firstByte` and `settled` are µs since the last time before them in
 * the list that is not null. A request due at 1,000 µs and sent at 1,080 that was refused at 1,300 has `1000,80,null,null,220`.
 */
import { lanes } from '../model/plan.ts'
import { notSentReasons, outcomes } from '../model/record.ts'
import type { RequestRecord } from '../model/record.ts'
import { LogError, formatValue } from './log-error.ts'

export const requestTag = 'request'
const fieldCount = 19
/** `driver` and `seq` make one key of 53 bits, exact in a double. */
const driverLimit = 2 ** 14
const seqLimit = 2 ** 39

const laneNames: ReadonlySet<unknown> = new Set(lanes)
const outcomeNames: ReadonlySet<unknown> = new Set([...outcomes, ...notSentReasons])

export function encodeRequest(request: RequestRecord): string {
  checkRequest(request)
  const { dueUs, sentUs, connectedUs, firstByteUs, settledUs } = request
  const toSent = sentUs ?? dueUs
  const toConnected = connectedUs ?? toSent
  const toFirstByte = firstByteUs ?? toConnected
  // Written piece by piece: at a million requests JSON.stringify of an array takes twice as long.
  return (
    `["request",${request.driver},${request.seq},"${request.lane}","${request.outcome}",${dueUs},` +
    `${formatSince(sentUs, dueUs)},${formatSince(connectedUs, toSent)},${formatSince(firstByteUs, toConnected)},${settledUs - toFirstByte},` +
    `${request.status},${request.connection},${request.use},${request.idleUs},${request.bytes},` +
    `${formatText(request.pod)},${formatText(request.previousPod)},${request.localPort},${formatText(request.detail)}]`
  )
}

/** Throws a LogError for anything but what `encodeRequest` writes. */
export function decodeRequest(fields: readonly unknown[]): RequestRecord {
  if (fields.length !== fieldCount) throw new LogError(`a request has ${fieldCount} fields, found ${fields.length}`)
  const dueUs = parseInteger(fields[5], 'due')
  const sentUs = parseAfter(fields[6], dueUs, 'sent')
  const toSent = sentUs ?? dueUs
  const connectedUs = parseAfter(fields[7], toSent, 'connected')
  const toConnected = connectedUs ?? toSent
  const firstByteUs = parseAfter(fields[8], toConnected, 'first byte')
  const settledUs = parseInteger(fields[9], 'settled') + (firstByteUs ?? toConnected)
  const request = {
    seq: fields[2],
    driver: fields[1],
    lane: fields[3],
    outcome: fields[4],
    dueUs,
    sentUs,
    connectedUs,
    firstByteUs,
    settledUs,
    status: fields[10],
    connection: fields[11],
    use: fields[12],
    idleUs: fields[13],
    bytes: fields[14],
    pod: fields[15],
    previousPod: fields[16],
    localPort: fields[17],
    detail: fields[18],
  } as RequestRecord
  checkRequest(request)
  return request
}

/** What is written can be read: the same rules hold on both ways. */
function checkRequest(request: RequestRecord): void {
  const { seq, driver, lane, outcome, dueUs, sentUs, connectedUs, firstByteUs, settledUs } = request
  const { status, connection, use, idleUs, bytes, pod, previousPod, localPort, detail } = request
  if (!isCount(seq) || seq >= seqLimit) rejectField('seq', seq)
  if (!isCount(driver) || driver >= driverLimit) rejectField('driver', driver)
  if (!laneNames.has(lane)) rejectField('lane', lane)
  if (!outcomeNames.has(outcome)) rejectField('outcome', outcome)
  if (!Number.isSafeInteger(dueUs)) rejectField('dueUs', dueUs)
  if (sentUs !== null && !Number.isSafeInteger(sentUs)) rejectField('sentUs', sentUs)
  if (connectedUs !== null && !Number.isSafeInteger(connectedUs)) rejectField('connectedUs', connectedUs)
  if (firstByteUs !== null && !Number.isSafeInteger(firstByteUs)) rejectField('firstByteUs', firstByteUs)
  if (!Number.isSafeInteger(settledUs)) rejectField('settledUs', settledUs)
  if (status !== null && !isCount(status)) rejectField('status', status)
  if (connection !== null && !isCount(connection)) rejectField('connection', connection)
  if (!isCount(use)) rejectField('use', use)
  if (!isCount(idleUs)) rejectField('idleUs', idleUs)
  if (!isCount(bytes)) rejectField('bytes', bytes)
  if (pod !== null && typeof pod !== 'string') rejectField('pod', pod)
  if (previousPod !== null && typeof previousPod !== 'string') rejectField('previousPod', previousPod)
  if (localPort !== null && !isCount(localPort)) rejectField('localPort', localPort)
  if (detail !== null && typeof detail !== 'string') rejectField('detail', detail)
}

function rejectField(name: keyof RequestRecord, value: unknown): never {
  throw new LogError(`${name} of a request cannot be ${formatValue(value)}`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function formatSince(us: number | null, origin: number): string {
  return us === null ? 'null' : String(us - origin)
}

function parseAfter(us: unknown, origin: number, name: string): number | null {
  return us === null ? null : parseInteger(us, name) + origin
}

function parseInteger(value: unknown, name: string): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new LogError(`the time "${name}" of a request must be whole µs, found ${formatValue(value)}`)
}

function formatText(value: string | null): string {
  return value === null ? 'null' : JSON.stringify(value)
}
