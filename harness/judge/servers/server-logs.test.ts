import { describe, expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { condensedTo } from '../../testing/record-sampler.ts'
import { containerAt, logReadAt, refusedOf, servedAt } from '../../testing/samples/records.ts'
import { frame, logOf, ms, planOf, requestsOf, second, times } from '../../testing/samples/rollout-log.ts'
import { analyse } from '../verdict/analyse-run.ts'

const pods = ['old-a', 'old-b', 'new-a', 'new-b']
const reads = pods.flatMap((pod) => [logReadAt(times.end, pod, 'nginx'), logReadAt(times.end, pod, 'app')])

/** Every request of the quiet run in the log of nginx and of the application behind it. */
const served = requestsOf().flatMap((record): LogRecord[] => {
  if (record.type !== 'request') return []
  const { seq, pod, settledUs } = record.request
  if (pod === null) return []
  return [
    servedAt(settledUs, { pod, container: 'nginx' }, { seq }),
    servedAt(settledUs - 200, { pod, container: 'app' }, { seq }),
  ]
})

async function sawOf(records: readonly LogRecord[]): Promise<Analysis['servers']> {
  return (await analyse(planOf(), logOf(records))).servers
}
const quiet = [...frame, ...requestsOf(), ...served, ...reads]
const isAbout = (record: LogRecord, seq: number): boolean => record.type === 'served' && record.lines[0]?.seq === seq

test('where no log was read nothing is said of servers', async () => {
  expect(await sawOf([...frame, ...requestsOf()])).toBeNull()
})

test('a quiet run explains every id: each was answered and is in the server’s log once', async () => {
  expect(await sawOf(quiet)).toMatchObject({
    answered: 1_000,
    unseen: 0,
    unread: 0,
    repeated: 0,
    hiddenFailures: 0,
    unexplained: 0,
  })
})

test('an answer that no server’s log has is a contradiction, unless a log was not read to its end', async () => {
  const without = quiet.filter((record) => !isAbout(record, 7))
  expect(await sawOf(without)).toMatchObject({ answered: 999, unseen: 1, unread: 0 })
  const cut = [
    ...without.filter(({ type }) => type !== 'log-read'),
    ...reads.slice(2),
    logReadAt(9, 'old-a', 'nginx', 'cut'),
  ]
  expect(await sawOf(cut)).toMatchObject({ answered: 999, unseen: 0, unread: 1 })
})

test('an answer just before its server ended may have come before the line about it', async () => {
  const seq = 279
  // Answered at 3.89 s; another nginx ends at 3.95.
  const ended = containerAt(3.95 * second, { pod: 'old-a', container: 'nginx' }, 'exited')
  const without = quiet.filter((record) => !isAbout(record, seq))
  expect(await sawOf(without)).toMatchObject({ unseen: 1, unread: 0 })
  expect(await sawOf([...without, ended])).toMatchObject({ unseen: 0, unread: 1 })
})

test('a log that the event log does not end was not read to its end', async () => {
  const open = quiet.filter((record) => record.type !== 'log-read' || record.pod !== 'new-b')
  const saw = await sawOf(open)
  expect(saw?.logs.find(({ pod, container }) => pod === 'new-b' && container === 'nginx')).toMatchObject({
    complete: false,
  })
})

test('what a server has twice was sent again by something on the way', async () => {
  const again = servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 7 })
  expect(await sawOf([...quiet, again])).toMatchObject({ answered: 999, repeated: 1 })
})

test('a failure that the proxy hid by asking another upstream is counted', async () => {
  const hidden = quiet.map((record) =>
    isAbout(record, 7) && record.type === 'served' && record.role === 'proxy'
      ? servedAt(record.t, { pod: record.pod, container: 'nginx' }, { seq: 7, upstream: '502, 200' })
      : record,
  )
  expect(await sawOf(hidden)).toMatchObject({ answered: 1_000, hiddenFailures: 1 })
})

test('a request that nobody sent is unexplained', async () => {
  const foreign = servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 77_777 })
  expect(await sawOf([...quiet, foreign])).toMatchObject({ unexplained: 1 })
  // Its driver may still have been about to tell of it.
  expect(await sawOf([...quiet.filter(({ type }) => type !== 'end'), foreign])).toMatchObject({ unexplained: 0 })
  const notSent = requestsOf((request) =>
    request.seq === 7 ? { ...request, outcome: 'overload', sentUs: null } : request,
  )
  expect(await sawOf([...frame, ...notSent, ...served, ...reads])).toMatchObject({ unexplained: 2 })
})

test('requests that the event log only counts are joined like those that it keeps one by one', async () => {
  const seqOf = (record: LogRecord): number => (record.type === 'served' ? (record.lines[0]?.seq ?? -1) : -1)
  const odd = [
    ...served.filter((record) => ![7, 279, 500, 600].includes(seqOf(record))),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 8 }),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 601 }),
    servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 700, upstream: '502, 200' }),
    servedAt(5 * second, { pod: 'old-b', container: 'app' }, { seq: 77_777 }),
    // Those of 3.89 s and of 6.1 s may have been answered by a server that ended before it wrote its line.
    containerAt(3.95 * second, { pod: 'old-a', container: 'nginx' }, 'exited'),
  ]
  const sawWith = (budget: number): Promise<Analysis['servers']> =>
    sawOf([...frame, ...condensedTo(budget)(requestsOf()), ...odd, ...reads])
  const exact = await sawWith(Infinity)
  expect(exact).toMatchObject({
    answered: 993,
    unseen: 2,
    unread: 2,
    repeated: 3,
    hiddenFailures: 1,
    unexplained: 1,
  })
  for (const budget of [0, 100, 650]) expect(await sawWith(budget)).toEqual(exact)
})

describe('a lost request', () => {
  /** Sent at 4.1 s, lost by `old-a`, which is signalled at 4.02 and exits at 4.32. */
  async function fateOf(request: Partial<RequestRecord>, more: LogRecord[], base = quiet): Promise<Loss['served']> {
    const due = { dueUs: 4.1 * second, sentUs: 4.1 * second, seq: 1_000 }
    const lost: LogRecord = { type: 'request', request: refusedOf({ ...due, ...request }) }
    const { losses } = await analyse(planOf(), logOf([...base, lost, ...more]))
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
  const inNginx = (line: { status?: number; whole?: boolean }): LogRecord =>
    servedAt(4.2 * second, { pod: 'old-a', container: 'nginx' }, { seq: 1_000, ...line })
  const inApp = servedAt(4.2 * second, { pod: 'old-a', container: 'app' }, { seq: 1_000 })

  test('that its server finished well lost its answer on the way', async () => {
    expect(await fateOf(kept, [inNginx({}), inApp])).toMatchObject({ fate: 'answered', lines: [{ status: 200 }, {}] })
  })

  test('of which its server tells a failure has failed there', async () => {
    expect(await fateOf(kept, [inNginx({ status: 502 })])).toMatchObject({ fate: 'failed' })
    expect(await fateOf(kept, [inNginx({ whole: false })])).toMatchObject({ fate: 'failed' })
  })

  test('that only the application finished was worked on in vain', async () => {
    expect(await fateOf(kept, [inApp])).toMatchObject({ fate: 'worked', lines: [{ container: 'app' }] })
  })

  test('that was refused and is in no log was never seen', async () => {
    expect(await fateOf({}, [])).toEqual({ fate: 'never-seen', lines: [] })
  })

  test('proves nothing by being in no log when a log of its pod was not read to its end', async () => {
    const open = [
      ...quiet.filter(({ type }) => type !== 'log-read'),
      ...reads.slice(2),
      logReadAt(9, 'old-a', 'nginx', 'cut'),
    ]
    expect(await fateOf({}, [], open)).toMatchObject({ fate: 'untold' })
  })

  test('proves nothing when its server ended while it may have had it', async () => {
    expect(await fateOf({ ...kept, settledUs: 4.33 * second }, [])).toMatchObject({ fate: 'untold' })
  })

  test('proves nothing when it is not told when the server of its leaving pod ended', async () => {
    const silent = quiet.filter((record) => record.type !== 'container' || record.moment !== 'exited')
    expect(await fateOf({ ...kept, settledUs: 4.33 * second }, [], silent)).toMatchObject({ fate: 'untold' })
  })

  test('was never seen by a server that ran on long after', async () => {
    const later = quiet.map((record) =>
      record.type === 'container' && record.pod === 'old-a' && record.moment === 'exited'
        ? containerAt(7 * second, { pod: 'old-a', container: 'nginx' }, 'exited')
        : record,
    )
    expect(await fateOf({ ...kept, settledUs: 4.1 * second + 10 * ms }, [], later)).toMatchObject({
      fate: 'never-seen',
    })
  })
})
