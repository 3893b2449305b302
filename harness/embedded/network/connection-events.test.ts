import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privileges, startIsolatedProcess } from '../testing/isolated-process.ts'
import type { IsolatedProcess } from '../testing/isolated-process.ts'

const isInstalled = existsSync('/usr/sbin/conntrack')

describe.each(privileges)('connections of pods, by $privilege', ({ privilege, available }) => {
  const able = available && isInstalled
  let inside: IsolatedProcess
  beforeAll(async () => {
    if (able) inside = await startIsolatedProcess({ privilege })
  })
  afterAll(() => inside?.[Symbol.asyncDispose]())

  test.skipIf(!able)('each is told with the pod that it is led to, refused ones too, and no other’s', async () => {
    const result = await inside.evaluate(async ({ start, makePod, network, openConnectionEvents, sleep }) => {
      const { sandbox: there, waitForLine } = await start(
        { command: ['node', '/app/greet.cjs'] },
        await makePod('there'),
      )
      await waitForLine('listening')
      const { sandbox: deaf } = await start({}, await makePod('deaf', 1))
      const serve = (name: string, clusterIP: string, ip: string) => {
        return { service: `default/${name}`, clusterIP, port: 80, endpoints: [{ ip, port: 8080 }] }
      }
      await network.program([
        serve('there', '10.96.0.10', there.ip),
        { ...serve('both', '10.96.0.11', there.ip), endpoints: [there, deaf].map(({ ip }) => ({ ip, port: 8080 })) },
        { ...serve('none', '10.96.0.12', there.ip), endpoints: [] },
      ])
      const { container: client, sandbox } = await start({}, await makePod('client'))
      const events = openConnectionEvents({ address: '10.96.0.11', port: 80 })
      let text = ''
      const reading = (async () => {
        for await (const chunk of events.output) text += chunk.toString()
      })()
      const waitForLines = async (count: number) => {
        for (let tries = 0; text.split('\n').length <= count && tries < 200; tries++) await sleep(10)
      }
      await waitForLines(1)
      const code = `const net = require('net'); const hosts = ['10.96.0.10', '10.96.0.12', ...Array(20).fill('10.96.0.11')]
        const seen = []
        const next = () => {
          const host = hosts.shift(); if (!host) return console.log(JSON.stringify(seen))
          const s = net.createConnection({ host, port: 80 }); let port
          s.once('connectionAttempt', () => process.nextTick(() => { port = s.localPort }))
          const end = (what) => { seen.push([host, port, what]); s.destroy(); next() }
          s.once('data', () => end('answer')).once('error', (e) => end(e.code))
        }
        next()`
      const { output } = await client.exec(['node', '-e', code], { timeoutMs: 10_000 })
      const made = (JSON.parse(output) as [string, number, string][]).filter(([host]) => host === '10.96.0.11')
      await waitForLines(made.length + 1)
      events[Symbol.dispose]()
      await reading
      const [notice, ...lines] = text.trim().split('\n')
      return { made, notice, lines, client: sandbox.ip, there: there.ip, deaf: deaf.ip }
    })
    const { made, notice, lines, client, there, deaf } = result
    expect(notice).toMatch(/^NOTICE: Netlink socket buffer size/)
    const led = new Map(
      lines.map((line) => {
        const { source, port, pod } =
          /^\[\d+\.\d{6}\]\s+\[NEW\] tcp .*src=(?<source>\S+) dst=10\.96\.0\.11 sport=(?<port>\d+) dport=80 .*src=(?<pod>\S+) dst=\S+ sport=8080/.exec(
            line,
          )?.groups ?? {}
        expect(source).toBe(client)
        return [Number(port), pod]
      }),
    )
    expect(new Set(made.map(([, , what]) => what))).toEqual(new Set(['answer', 'ECONNREFUSED']))
    expect(made.map(([, port]) => [port, led.get(port)])).toEqual(
      made.map(([, port, what]) => [port, what === 'answer' ? there : deaf]),
    )
    expect(lines).toHaveLength(made.length)
  })
})
