import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../cluster/cluster.ts'
import { startEmbeddedCluster } from '../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'
import { home } from './stage/nodrop-process.ts'
import { isComplete, killDriver, runSharedLoad } from './stage/shared-load.ts'
import type { SharedLoad, SharedLoadOptions } from './stage/shared-load.ts'
import { isDisturbed } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

describe.skipIf(!able)('drivers in the embedded cluster', { timeout: 120_000 }, () => {
  let cluster: Cluster
  let stateDir = ''
  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'nodrop-drivers-'))
    cluster = await startEmbeddedCluster({ stateDir })
  }, 60_000)
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
    rmSync(stateDir, { recursive: true })
  })

  const startSharedLoad = (more: Partial<SharedLoadOptions>): Promise<SharedLoad> =>
    runSharedLoad({
      cluster,
      drivers: 3,
      manifests: join(home, 'manifests'),
      scenarios: join(home, 'scenarios'),
      phases: { beforeMs: 1500, afterMs: 1500 },
      ...more,
    })
  const listDrivers = (ends: readonly { driver: number }[]): number[] =>
    ends.map(({ driver }) => driver).sort((a, b) => a - b)

  test('three share one plan, along any way, and it balances', async () => {
    const { records, requests, analysis } = await startSharedLoad({ via: { kind: 'nodeport' } })
    const ends = records.filter((record) => record.type === 'end')
    expect(ends.map(({ lost }) => lost)).toEqual([null, null, null])
    expect(listDrivers(ends)).toEqual([0, 1, 2])
    expect(isComplete(requests, 3)).toBe(true)
    const planned = ends.reduce((sum, end) => sum + end.planned, 0)
    expect(planned).toBe(requests.length)
    const ofControl = requests.filter(({ lane }) => lane === 'control').length
    expect(analysis.ledger).toMatchObject({ planned: planned - ofControl, balanced: true })
    // Only a driver that the machine has delayed may spoil it.
    if (analysis.verdict === 'unknown')
      expect([isDisturbed(analysis), analysis.because]).toEqual([true, analysis.because])
    expect(new Set(records.flatMap((record) => (record.type === 'clock' ? record.driver : []))).size).toBe(3)
  })

  test("one that is killed leaves no verdict, the others' records stay", async () => {
    let killed = ''
    const { records, requests, analysis } = await startSharedLoad({
      onLoad: async (api, namespace) => {
        await sleep(1000)
        killed = await killDriver(api, namespace, 1)
      },
    })
    expect(analysis.verdict).toBe('unknown')
    expect(analysis.because).toEqual([`load driver 2 of 3 was lost: pod ${killed} was deleted`])
    const { ledger } = analysis
    expect(ledger.balanced).toBe(true)
    expect(ledger.notSent['driver-lost']).toBeGreaterThan(0)
    const ends = records.filter((record) => record.type === 'end')
    for (const { driver, planned, lost } of ends) {
      const own = requests.filter((request) => request.driver === driver)
      if (lost === null) expect(own).toHaveLength(planned)
      else expect(own.length).toBeLessThan(planned)
    }
    expect(listDrivers(ends)).toEqual([0, 1, 2])
  })

  test('the API out of reach for 10 s: the load goes on, nothing is lost', async () => {
    const text = readFileSync(cluster.kubeconfig, 'utf8')
    const server = /https:\/\/127\.0\.0\.1:(?<port>\d+)/.exec(text)
    await using way = await startTcpProxy(Number(server?.groups?.['port']))
    const kubeconfig = join(stateDir, 'through')
    writeFileSync(kubeconfig, text.replace(server?.[0] ?? '', `https://127.0.0.1:${way.port}`))
    let cutAt = 0
    const { records, requests, analysis } = await startSharedLoad({
      cluster: { kind: 'local', kubeconfig },
      drivers: 2,
      phases: { beforeMs: 13_000, afterMs: 1500 },
      onLoad: async () => {
        await sleep(1000)
        cutAt = performance.now()
        await way.cut()
        await sleep(10_000)
        await way.restore()
      },
    })
    expect(cutAt).toBeGreaterThan(0)
    const ends = records.filter((record) => record.type === 'end')
    expect(ends.map(({ lost }) => lost)).toEqual([null, null])
    expect(isComplete(requests, 2)).toBe(true)
    expect(analysis.ledger.balanced).toBe(true)
    const gap = records.find((record) => record.type === 'gap')
    expect(gap && gap.t - gap.from).toBeGreaterThan(9_000_000)
    // In the middle of the cut as before and after it: 200/s, and a few for the control.
    const [from, to] = [(gap?.from ?? 0) + 1_000_000, (gap?.t ?? 0) - 1_000_000]
    const meanwhile = requests.filter(({ dueUs, outcome }) => from <= dueUs && dueUs < to && outcome !== 'overload')
    expect(meanwhile.length).toBeGreaterThan((200 * (to - from)) / 1e6 - 5)
    expect(analysis.verdict).toBe('unknown')
  })
})
