import { expect, test } from 'vitest'
import type { Attribution } from '../../model/loss.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { noIdentification } from '../../model/workload.ts'
import { formatEvidenceLevel } from '../losses/evidence-text.ts'
import { buildRefused } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRolloutLog, frameRecords, ms, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const addresses: Record<string, string> = {
  'old-a': '10.0.0.1',
  'old-b': '10.0.0.2',
  'new-a': '10.0.0.3',
  'new-b': '10.0.0.4',
}
const firstPort = 40_000

/** The rollout with an address for each pod, a port for each request, and a refused request that was sent to `old-a`. */
function trackedLog(change: (request: RequestRecord) => RequestRecord, ...more: LogRecord[]): LogRecord[] {
  const ported = buildRolloutLog((request) => change({ ...request, localPort: firstPort + request.seq }))
  const placed = ported.map((record) =>
    record.type === 'pod' ? { ...record, pod: { ...record.pod, ip: addresses[record.pod.name] ?? null } } : record,
  )
  const dueUs = 9 * second
  const refused = buildRefused({ seq: 1_000, dueUs, sentUs: dueUs, localPort: 50_000 })
  return [...placed, { type: 'request', request: refused }, ...more]
}

/** The kernel's reports about the requests, at the time when each was sent. */
function tellConnections(log: readonly LogRecord[], lead: (pod: string) => string = (pod) => pod): LogRecord[] {
  const t = 20 * second
  const to = Object.values(addresses).map((ip) => `${ip}:8080`)
  const connections = log.flatMap((record) => (record.type === 'request' ? record.request : []))
  const times = connections.map(({ sentUs }) => (sentUs ?? 0) + 150)
  return [
    { type: 'tracking', t: ms, node: 'node-1', state: 'on', from: ms, why: null },
    {
      type: 'translation',
      t,
      driver: 0,
      errorUs: 5 * ms,
      to,
      ports: connections.map(({ localPort }) => localPort ?? 0),
      times: times.map((at, index) => at - (times[index - 1] ?? t)),
      places: connections.map(({ pod }) => to.indexOf(`${addresses[lead(pod ?? 'old-a')]}:8080`)),
    },
  ]
}

async function attribute(records: readonly LogRecord[], identification = buildPlan().workload.identification) {
  const plan = buildPlan()
  return analyseRun({ ...plan, workload: { ...plan.workload, identification } }, buildLog(records))
}

const same = (request: RequestRecord): RequestRecord => request
const unnamed = (request: RequestRecord): RequestRecord => ({ ...request, pod: null })

test('attribution: the kernel ties a refused connection to its pod, whatever the moments say', async () => {
  const log = trackedLog(same)
  const alone = await attribute(log)
  expect(alone.losses[0]).toMatchObject({ pod: null, attributedBy: null })
  const told = await attribute([...log, ...tellConnections(log)])
  expect(told.losses[0]).toMatchObject({ pod: 'old-a', attributedBy: 'kernel', candidates: [], podless: null })
  expect(told.attribution).toMatchObject({
    level: 'sample-header',
    kernel: { state: 'whole', connections: 1_001, agreed: 1_000, contradicted: 0, untold: 0 },
    lost: { kernel: 1, moment: 0, nobody: 0 },
  })
  expect(told.pods.find(({ pod }) => pod === 'old-a')?.lastLedUs).toBe(9 * second)
})

test('attribution: answers without a name are of the level of the kernel', async () => {
  const named = trackedLog(same)
  const log = trackedLog(unnamed)
  const told = await attribute([...log, ...tellConnections(named)], noIdentification)
  expect(told.attribution).toMatchObject({ level: 'kernel', kernel: { agreed: 0, connections: 1_001 } })
  expect(formatEvidenceLevel(told.attribution)).toBe(
    'Who answered: the kernel’s connection tracking tells to which pod each connection was led (evidence level 3 of 4).',
  )
})

test('attribution: what the kernel told at times that are not known is no evidence', async () => {
  const log = trackedLog(unnamed)
  const told = tellConnections(trackedLog(same)).map((record) =>
    record.type === 'translation' ? { ...record, errorUs: 30 * second } : record,
  )
  const { attribution, losses } = await attribute([...log, ...told], noIdentification)
  expect(attribution).toMatchObject({ level: 'moments', kernel: { state: 'partial', connections: 1_001 } })
  expect(losses[0]?.attributedBy).not.toBe('kernel')
})

test('attribution: a kernel that contradicts the answers voids whose the losses are', async () => {
  const log = trackedLog(same)
  const swapped: Record<string, string> = { 'old-a': 'old-b', 'old-b': 'old-a' }
  const { claims, attribution, voided } = await attribute([
    ...log,
    ...tellConnections(log, (pod) => swapped[pod] ?? pod),
  ])
  expect(attribution.kernel.contradicted).toBeGreaterThan(300)
  expect(claims.find(({ name }) => name === 'kernel-agrees')).toMatchObject({ holds: false })
  expect(voided).toContain('whose')
})

test('attribution: where tracking cannot be had moments are what is left, and it is said how to get it', async () => {
  const why = 'conntrack is not installed. Install it: apt-get install conntrack'
  const off: LogRecord = { type: 'tracking', t: ms, node: 'node-1', state: 'off', from: ms, why }
  const { attribution } = await attribute([...frameRecords, off], noIdentification)
  expect(formatEvidenceLevel(attribution)).toBe(
    'Who answered: nothing names the pod; losses are tied to pods by what happened to these at the time (evidence level 4 of 4). ' +
      'Connection tracking could not be read: conntrack is not installed. Install it: apt-get install conntrack.',
  )
})

test.each<[string, Partial<Attribution>, RegExp]>([
  [
    'a header that the user named',
    { level: 'named-header', header: 'x-served-by' },
    /in the header x-served-by \(evidence level 2 of 4\)\.$/,
  ],
  [
    'the sample’s header',
    { level: 'sample-header', header: 'x-nodrop-pod' },
    /sample’s own header x-nodrop-pod \(evidence level 1 of 4\)\.$/,
  ],
])('attribution: %s is its level', (_, level, says) => {
  const none = { state: 'absent', why: null, connections: 0, agreed: 0, contradicted: 0, untold: 0 } as const
  const lost = { response: 0, connection: 0, kernel: 0, moment: 0, several: 0, nobody: 0 }
  expect(formatEvidenceLevel({ level: 'moments', header: null, kernel: none, lost, ...level })).toMatch(says)
})
