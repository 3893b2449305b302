/** Builders of records: each returns a complete record from the fields that a test is about. */
import type {
  ContainerMoment,
  EndpointSnapshot,
  LogRecord,
  PodSnapshot,
  RequestRecord,
  AccessLogEntry,
} from '../../model/record.ts'
import type { Step } from '../../model/step.ts'

/** An `ok` request on a fresh connection to `web-a`, due at `dueUs` and answered 100 ms later. */
export function buildRequest(fields: Partial<RequestRecord> = {}): RequestRecord {
  const dueUs = fields.dueUs ?? 0
  const sentUs = fields.sentUs === undefined ? dueUs + 100 : fields.sentUs
  const from = sentUs ?? dueUs
  return {
    seq: 0,
    driver: 0,
    lane: 'fresh',
    outcome: 'ok',
    dueUs,
    sentUs,
    connectedUs: from + 200,
    firstByteUs: from + 99_700,
    settledUs: from + 99_900,
    status: 200,
    connection: 1,
    use: 1,
    idleUs: 0,
    bytes: 300,
    pod: 'web-a',
    previousPod: null,
    localPort: 40_000,
    detail: null,
    ...fields,
  }
}

/** A request that was refused `afterUs` after it was sent. */
export function buildRefused(fields: Partial<RequestRecord> = {}, afterUs = 300): RequestRecord {
  const ok = buildRequest(fields)
  return {
    ...ok,
    outcome: 'refused',
    connectedUs: null,
    firstByteUs: null,
    settledUs: (ok.sentUs ?? ok.dueUs) + afterUs,
    status: null,
    bytes: 0,
    pod: null,
    detail: 'ECONNREFUSED',
    ...fields,
  }
}

export function buildPod(name: string, fields: Partial<PodSnapshot> = {}): PodSnapshot {
  return {
    name,
    uid: `uid-${name}`,
    node: 'node-1',
    ip: '10.0.0.1',
    phase: 'Running',
    ready: true,
    terminating: false,
    graceSeconds: 30,
    containers: [],
    ...fields,
  }
}

export function stepAt(t: number, step: Step, detail: string | null = null): LogRecord {
  return { type: 'step', t, step, detail }
}

export function podAt(
  t: number,
  change: 'added' | 'modified' | 'deleted',
  name: string,
  fields: Partial<PodSnapshot> = {},
): LogRecord {
  return { type: 'pod', t, change, pod: buildPod(name, fields) }
}

/** The EndpointSlice of the workload, with these pods ready in it. */
type Conditions = Pick<EndpointSnapshot, 'ready' | 'serving' | 'terminating'>
const isReady: Conditions = { ready: true, serving: true, terminating: false }

export function endpointsAt(
  t: number,
  pods: readonly string[],
  slice = 'web-1',
  conditions: Conditions = isReady,
): LogRecord {
  const endpoints = pods.map((pod) => ({ pod, ip: '10.0.0.1', ...conditions }))
  return { type: 'endpoints', t, slice, service: 'web', endpoints }
}

export function programmedAt(at: number, pods: string[], errorUs = 1): LogRecord {
  return { type: 'programmed', t: at, at, errorUs, service: 'web', pods }
}

export function containerAt(
  at: number,
  place: { pod: string; container: string },
  moment: ContainerMoment,
  detail: string | null = null,
): LogRecord {
  return { type: 'container', t: at, at, errorUs: 1, source: 'kubelet', ...place, moment, detail }
}

/** A line of `nginx` in pod `pod`, or of `app` behind it, about request `seq`. */
export function servedAt(
  atUs: number,
  { pod, container }: { pod: string; container: 'nginx' | 'app' },
  line: Partial<AccessLogEntry> & Pick<AccessLogEntry, 'seq'>,
): LogRecord {
  const role = container === 'nginx' ? 'proxy' : 'application'
  const lines = [{ atUs, tookUs: 100_000, status: 200, upstream: null, whole: true, ...line }]
  return { type: 'served', t: atUs, pod, container, role, errorUs: 1_600, driver: 0, lines }
}

/** The end of a container's log; `why` it may have had more lines. */
export function logReadAt(t: number, pod: string, container: string, why: string | null = null): LogRecord {
  return { type: 'log-read', t, pod, container, complete: why === null, why, requests: null }
}
