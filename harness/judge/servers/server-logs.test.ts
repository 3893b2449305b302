import { describe, expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { createRecordSampler } from '../../testing/record-sampler.ts'
import { containerAt, logReadAt, buildRefused, servedAt } from '../../testing/samples/records.ts'
import {
  frameRecords,
  buildLog,
  ms,
  buildPlan,
  buildRequests,
  second,
  times,
} from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const pods = ['old-a', 'old-b', 'new-a', 'new-b']
const reads = pods.flatMap((pod) => [logReadAt(times.end, pod, 'nginx'), logReadAt(times.end, pod, 'app')])

/** Every request of the quiet run in the log of nginx and of the application behind it. */
const served = buildRequests().flatMap((record): LogRecord[] => {
  if (record.type !== 'request') return []
  const { seq, pod, settledUs } = record.request
  if (pod === null) return []
  return [
    servedAt(settledUs, { pod, container: 'nginx' }, { seq }),
    servedAt(settledUs - 200, { pod, container: 'app' }, { seq }),
  ]
})

async function analyseServers(records: readonly LogRecord[]): Promise<Analysis['servers']> {
  return (await analyseRun(buildPlan(), buildLog(records))).servers
}
const quiet = [...frameRecords, ...buildRequests(), ...served, ...reads]
const isAbout = (record: LogRecord, seq: number): boolean => record.type === 'served' && record.lines[0]?.seq === seq

test('where no log was read nothing is said of servers', async () => {
  expect(await analyseServers([...frameRecords, ...buildRequests()])).toBeNull()
})

test('quiet run: every request was answered and is in the log once', async () => {
  expect(await analyseServers(quiet)).toMatchObject({
    answered: 1_000,
    unseen: 0,
    unread: 0,
    repeated: 0,
    hiddenFailures: 0,
    unexplained: 0,
  })
})

test('an answer in no log is a contradiction, unless a log is incomplete', async () => {
  const without = quiet.filter((record) => !isAbout(record, 7))
  expect(await analyseServers(without)).toMatchObject({ answered: 999, unseen: 1, unread: 0 })
  const cut = [
    ...without.filter(({ type }) => type !== 'log-read'),
    ...reads.slice(2),
    logReadAt(9, 'old-a', 'nginx', 'cut'),
  ]
  expect(await analyseServers(cut)).toMatchObject({ answered: 999, unseen: 0, unread: 1 })
})

test('an answer just before its server ended may be in no log', async () => {
  const seq = 279
  // Answered at 3.89 s; another nginx ends at 3.95.
  const ended = containerAt(3.95 * second, { pod: 'old-a', container: 'nginx' }, 'exited')
  const without = quiet.filter((record) => !isAbout(record, seq))
  expect(await analyseServers(without)).toMatchObject({ unseen: 1, unread: 0 })
  expect(await analyseServers([...without, ended])).toMatchObject({ unseen: 0, unread: 1 })
})

test('a log that the event log does not end was not read to its end', async () => {
  const open = quiet.filter((record) => record.type !== 'log-read' || record.pod !== 'new-b')
  const saw = await analyseServers(open)
  expect(saw?.logs.find(({ pod, container }) => pod === 'new-b' && container === 'nginx')).toMatchObject({
    complete: false,
  })
})

test('what a server has twice was sent again by something on the way', async () => {
  const again = servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 7 })
  expect(await analyseServers([...quiet, again])).toMatchObject({ answered: 999, repeated: 1 })
})

test('a failure that the proxy hid by asking another upstream is counted', async () => {
  const hidden = quiet.map((record) =>
    isAbout(record, 7) && record.type === 'served' && record.role === 'proxy'
      ? servedAt(record.t, { pod: record.pod, container: 'nginx' }, { seq: 7, upstream: '502, 200' })
      : record,
  )
  expect(await analyseServers(hidden)).toMatchObject({ answered: 1_000, hiddenFailures: 1 })
})

test('a request that no driver sent is unexplained', async () => {
  const foreign = servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 77_777 })
  expect(await analyseServers([...quiet, foreign])).toMatchObject({ unexplained: 1 })
  // Its driver may not have reported it yet.
  expect(await analyseServers([...quiet.filter(({ type }) => type !== 'end'), foreign])).toMatchObject({
    unexplained: 0,
  })
  const notSent = buildRequests((request) =>
    request.seq === 7 ? { ...request, outcome: 'overload', sentUs: null } : request,
  )
  expect(await analyseServers([...frameRecords, ...notSent, ...served, ...reads])).toMatchObject({ unexplained: 2 })
})

test('aggregated requests are joined like those that are logged one by one', async () => {
  const getSeq = (record: LogRecord): number => (record.type === 'served' ? (record.lines[0]?.seq ?? -1) : -1)
  const odd = [
    ...served.filter((record) => ![7, 279, 500, 600].includes(getSeq(record))),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 8 }),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 601 }),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 700, upstream: '502, 200' }),
    servedAt(5 * second, { pod: 'old-b', container: 'app' }, { seq: 77_777 }),
    // The requests of 3.89 s and 6.1 s may have been answered by a server that ended before it wrote its line.
    containerAt(3.95 * second, { pod: 'old-a', container: 'nginx' }, 'exited'),
  ]
  const analyseWithBudget = (budget: number): Promise<Analysis['servers']> =>
    analyseServers([...frameRecords, ...createRecordSampler(budget)(buildRequests()), ...odd, ...reads])
  const exact = await analyseWithBudget(Infinity)
  expect(exact).toMatchObject({
    answered: 993,
    unseen: 2,
    unread: 2,
    repeated: 3,
    hiddenFailures: 1,
    unexplained: 1,
  })
  for (const budget of [0, 100, 650]) expect(await analyseWithBudget(budget)).toEqual(exact)
})

describe('a lost request', () => {
  /** Sent at 4.1 s, lost by `old-a`, which is signalled at 4.02 and exits at 4.32. */
  async function determineFate(
    request: Partial<RequestRecord>,
    more: LogRecord[],
    base = quiet,
  ): Promise<Loss['served']> {
    const due = { dueUs: 4.1 * second, sentUs: 4.1 * second, seq: 1_000 }
    const lost: LogRecord = { type: 'request', request: buildRefused({ ...due, ...request }) }
    const { losses } = await analyseRun(buildPlan(), buildLog([...base, lost, ...more]))
    expect(losses).toHaveLength(1)
    return losses[0]!.served
  }
  const kept = {
    lane: 'reused',
    use: 2,
    previousPod: 'old-a',
    outcome: 'closed-before-response',
    connectedUs: 4.1 * second,
  } as const
  const createNginxLine = (line: { status?: number; whole?: boolean }): LogRecord =>
    servedAt(4.2 * second, { pod: 'old-a', container: 'nginx' }, { seq: 1_000, ...line })
  const inApp = servedAt(4.2 * second, { pod: 'old-a', container: 'app' }, { seq: 1_000 })

  test('that its server finished well lost its answer on the way', async () => {
    expect(await determineFate(kept, [createNginxLine({}), inApp])).toMatchObject({
      fate: 'answered',
      lines: [{ status: 200 }, {}],
    })
  })

  test('of which its server tells a failure has failed there', async () => {
    expect(await determineFate(kept, [createNginxLine({ status: 502 })])).toMatchObject({ fate: 'failed' })
    expect(await determineFate(kept, [createNginxLine({ whole: false })])).toMatchObject({ fate: 'failed' })
  })

  test('that only the application finished was worked on in vain', async () => {
    expect(await determineFate(kept, [inApp])).toMatchObject({ fate: 'worked', lines: [{ container: 'app' }] })
  })

  test('that was refused and is in no log was never seen', async () => {
    expect(await determineFate({}, [])).toEqual({ fate: 'never-seen', lines: [] })
  })

  test('proves nothing by being in no log when a log of its pod is incomplete', async () => {
    const open = [
      ...quiet.filter(({ type }) => type !== 'log-read'),
      ...reads.slice(2),
      logReadAt(9, 'old-a', 'nginx', 'cut'),
    ]
    expect(await determineFate({}, [], open)).toMatchObject({ fate: 'untold' })
  })

  test('proves nothing when its server ended while it may have had it', async () => {
    expect(await determineFate({ ...kept, settledUs: 4.33 * second }, [])).toMatchObject({ fate: 'untold' })
  })

  test('proves nothing when the end of its pod’s server is unknown', async () => {
    const silent = quiet.filter((record) => record.type !== 'container' || record.moment !== 'exited')
    expect(await determineFate({ ...kept, settledUs: 4.33 * second }, [], silent)).toMatchObject({ fate: 'untold' })
  })

  test('was never seen by a server that ran on long after', async () => {
    const later = quiet.map((record) =>
      record.type === 'container' && record.pod === 'old-a' && record.moment === 'exited'
        ? containerAt(7 * second, { pod: 'old-a', container: 'nginx' }, 'exited')
        : record,
    )
    expect(await determineFate({ ...kept, settledUs: 4.1 * second + 10 * ms }, [], later)).toMatchObject({
      fate: 'never-seen',
    })
  })
})
