import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Result } from 'autocannon'
import { expect, test } from 'vitest'
import { getToolRule, reportByRule } from '../../judge/tools/tool-reports.ts'
import { startTrialLoad, createTrialPlan } from '../../load/driver/trial-load.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { faultNames } from '../faults/fault-kinds.ts'
import type { FaultName } from '../faults/fault-kinds.ts'
import { startFaultServer } from '../faults/fault-server.ts'

type Totals = Record<'2xx' | 'non2xx' | 'errors', number>
const program = `const [ports, amount] = JSON.parse(process.argv[1])
const options = { connections: 1, amount, timeout: 1, sampleInt: 100 }
Promise.all(ports.map((port) => require('autocannon')({ url: 'http://127.0.0.1:' + port, ...options }))).then((results) =>
  console.log(JSON.stringify(results)))`

/** The stock tool's report about this number of requests to each port, one after another on one connection. */
async function runStockAutocannon(ports: number[], amount: number): Promise<Totals[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, JSON.stringify([ports, amount])])
  return (JSON.parse(stdout) as Result[]).map(({ '2xx': ok, non2xx, errors }) => ({ '2xx': ok, non2xx, errors }))
}

/** The counts of the rules for the driver's records. */
function countByRules(records: readonly RequestRecord[]): Totals {
  const lost = records.filter(({ outcome }) => outcome !== 'ok')
  const { told, good } = reportByRule(getToolRule('autocannon'), {
    sent: records.length,
    lost: lost.map((record) => ({ ...record, outcome: record.outcome as Outcome, method: 'GET' })),
    endedByClose: records.filter(({ outcome, detail }) => outcome === 'ok' && detail !== null).length,
  })
  return { '2xx': good, non2xx: told['non 2xx'] ?? 0, errors: told['errors'] ?? 0 }
}

/** The driver's records of this number of requests to a port, each answered before the next. */
async function recordRequests(port: number, requests: number): Promise<RequestRecord[]> {
  const shares = { fresh: 0, reused: 1, 'reused-post': 0 }
  const limitMs = requests * 50 - 25
  return await startTrialLoad(createTrialPlan(port, { shares, ratePerSecond: 20, timeoutMs: 1000, limitMs })).records
}

const cases = [...faultNames, 'refused', 'fin at accept', 'rst at accept'] as const
/** Cases in which the records do not suffice: the stock tool's report, and why. */
const beyond: Partial<Record<(typeof cases)[number], { says: Totals; why: string }>> = {
  'ok-after-interim': {
    says: { '2xx': 0, non2xx: 1, errors: 0 },
    why: 'an interim response is counted as the response',
  },
  'fin-after-interim': {
    says: { '2xx': 0, non2xx: 1, errors: 0 },
    why: 'an interim response is counted as the response',
  },
  'length-not-a-number': { says: { '2xx': 1, non2xx: 0, errors: 0 }, why: 'such a length is taken for no body' },
  'status-101': { says: { '2xx': 0, non2xx: 0, errors: 0 }, why: 'a body is waited for that cannot come' },
}

async function startServerFor(each: (typeof cases)[number]): Promise<{ port: number } & AsyncDisposable> {
  const how = { 'fin at accept': 'fin', 'rst at accept': 'rst' } as const
  const onAccept = (): 'serve' | 'fin' | 'rst' => how[each as keyof typeof how] ?? 'serve'
  const server = await startFaultServer({ pick: () => (cases.includes(each) ? (each as FaultName) : 'ok'), onAccept })
  if (each === 'refused') await server[Symbol.asyncDispose]()
  return each === 'refused' ? { port: server.port, [Symbol.asyncDispose]: async () => {} } : server
}

test('autocannon counts: the rules predict them for every kind of fault', async () => {
  await using servers = new AsyncDisposableStack()
  const ports: number[] = []
  for (const each of cases) ports.push(servers.use(await startServerFor(each)).port)
  const told = await runStockAutocannon(ports, 1)
  for (const [index, each] of cases.entries()) {
    const [only, ...others] = await recordRequests(ports[index]!, 1)
    expect(others).toEqual([])
    const rule = countByRules(only ? [only] : [])
    const known = beyond[each]
    expect({ each, ...told[index] }).toEqual({ each, ...(known?.says ?? rule) })
    if (known) expect(rule, `${each} is no exception any more`).not.toEqual(known.says)
  }
})

test('they predict a whole load where one request does not disturb the next', async () => {
  const faults: FaultName[] = [
    'ok',
    'status-500',
    'fin-before-response',
    'ok',
    'workload-of-another',
    'rst-before-response',
  ]
  const startServer = (): ReturnType<typeof startFaultServer> => {
    let received = 0
    return startFaultServer({ pick: () => faults[received++ % faults.length]! })
  }
  await using forStock = await startServer()
  await using forDriver = await startServer()
  const [told] = await runStockAutocannon([forStock.port], 24)
  const records = await recordRequests(forDriver.port, 24)
  expect(records).toHaveLength(24)
  expect(told).toEqual(countByRules(records))
  expect(told).toEqual({ '2xx': 12, non2xx: 4, errors: 4 })
})
