import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privileges, startIsolatedProcess } from '../testing/isolated-process.ts'
import type { IsolatedProcess } from '../testing/isolated-process.ts'

describe.each(privileges)('pod networks, by $privilege', ({ privilege, available }) => {
  let inside: IsolatedProcess
  beforeAll(async () => {
    if (available) inside = await startIsolatedProcess({ privilege })
  })
  afterAll(() => inside?.[Symbol.asyncDispose]())

  describe.skipIf(!available)('on this machine', () => {
    test('a pod answers by its address, and is unreachable once removed', async () => {
      const result = await inside.evaluate(async ({ start, runtime, ask }) => {
        const { sandbox, waitForLine } = await start({ command: ['node', '/app/greet.cjs'] })
        await waitForLine('listening')
        const answers = [await ask(sandbox.ip, 8080), await ask(sandbox.ip, 8081)]
        await runtime.removeSandbox(sandbox)
        return [...answers, await ask(sandbox.ip, 8080)]
      })
      expect(result).toEqual([expect.stringMatching(/^pod-/), 'ECONNREFUSED', 'EHOSTUNREACH'])
    })

    test('a retransmitted SYN reaches another pod only on the same node', async () => {
      const result = await inside.evaluate(async ({ start, makePod, network, runtime }) => {
        const { sandbox: there, waitForLine } = await start(
          { command: ['node', '/app/greet.cjs'] },
          await makePod('there', 1),
        )
        await waitForLine('listening')
        const connections = `const { createConnection } = require('net'); const counts = {}; let open = 60
          for (let count = 0; count < 60; count++) {
            const begin = Date.now(); const socket = createConnection(80, '10.96.0.15')
            const end = (what) => {
              socket.destroy(); if (ended.has(socket)) return; ended.add(socket)
              const key = (Date.now() - begin < 500 ? '' : 'late ') + what; counts[key] = (counts[key] ?? 0) + 1
              if (--open === 0) console.log(JSON.stringify(counts))
            }
            socket.on('data', () => end('answer')).on('error', ({ code }) => end(code)).setTimeout(3_500, () => end('silence'))
          }
          const ended = new Set()`
        const counts: Record<string, Record<string, number>> = {}
        for (const [name, node] of [
          ['same node', 0],
          ['other node', 1],
        ] as const) {
          const { container: client } = await start({}, await makePod('client', 0))
          const gone = await makePod('gone', node)
          await runtime.removeSandbox(gone)
          const endpoints = [there, gone].map(({ ip }) => ({ ip, port: 8080 }))
          await network.program([{ service: 'default/web', clusterIP: '10.96.0.15', port: 80, endpoints }])
          const { output } = await client.exec(['node', '-e', connections], { timeoutMs: 10_000 })
          counts[name] = JSON.parse(output) as Record<string, number>
        }
        return counts
      })
      const { 'same node': same = {}, 'other node': other = {} } = result
      expect(other['answer']).toBeGreaterThan(10)
      expect(other['late silence']).toBeGreaterThan(10)
      expect(other['late answer']).toBeUndefined()
      expect(same['answer']).toBeGreaterThan(10)
      expect(same['late answer']).toBeGreaterThan(5)
    })

    test('a Service spreads connections from nodes and pods', async () => {
      const result = await inside.evaluate(async ({ start, makePod, network, ask }) => {
        const pods: Awaited<ReturnType<typeof start>>[] = []
        for (const name of ['one', 'two'])
          pods.push(await start({ command: ['node', '/app/greet.cjs'] }, await makePod(name)))
        await Promise.all(pods.map(({ waitForLine }) => waitForLine('listening')))
        const endpoints = pods.map(({ sandbox }) => ({ ip: sandbox.ip, port: 8080 }))
        await network.program([{ service: 'default/web', clusterIP: '10.96.0.10', port: 80, endpoints }])
        const fromNode = []
        for (let count = 0; count < 24; count++) fromNode.push(await ask('10.96.0.10', 80))
        const client = `const {createConnection: c} = require('net'); let n = 0; const seen = {}
          const next = () => { const s = c(80, '10.96.0.10'); s.once('data', (d) => { seen[d] = 1; s.destroy(); ++n < 24 ? next() : console.log(Object.keys(seen).sort().join('')) }); s.once('error', (e) => console.log(e.code)) }
          next()`
        const fromPod = await pods[0]?.container.exec(['node', '-e', client], { timeoutMs: 5_000 })
        const otherPort = [await ask('10.96.0.10', 81)]
        return { fromNode: [...new Set(fromNode)].sort(), fromPod: fromPod?.output.trim().split(/\s+/), otherPort }
      })
      expect(result).toEqual({ fromNode: ['one', 'two'], fromPod: ['one', 'two'], otherPort: ['ECONNREFUSED'] })
    })

    test('a port of every node leads to the pods, which see the node as the client', async () => {
      const result = await inside.evaluate(async ({ start, makePod, network, ask }) => {
        const server = `require('net').createServer((s) => s.end(s.remoteAddress)).listen(8080, () => console.log('listening'))`
        const { sandbox, waitForLine } = await start({ command: ['node', '-e', server] }, await makePod('one'))
        await waitForLine('listening')
        const endpoints = [{ ip: sandbox.ip, port: 8080 }]
        const createRule = { service: 'default/web', clusterIP: '10.96.0.14', port: 80, nodePort: 30_080 }
        await network.program([{ ...createRule, endpoints }])
        const { container: client } = await start({}, await makePod('client'))
        const code = `require('net').createConnection(+process.argv[2], process.argv[1]).on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code))`
        const fetchFrom = async (host: string, port: number) =>
          (await client.exec(['node', '-e', code, host, String(port)], { timeoutMs: 5_000 })).output.trim()
        const seen = [
          await fetchFrom('172.18.0.2', 30_080),
          await fetchFrom('172.18.0.3', 30_080),
          await ask('172.18.0.2', 30_080),
        ]
        const wrong = [await fetchFrom('172.18.0.2', 30_081)]
        await network.program([{ ...createRule, endpoints: [] }])
        wrong.push(await fetchFrom('172.18.0.2', 30_080))
        return { seen, wrong, direct: await fetchFrom(sandbox.ip, 8080) }
      })
      const node = expect.stringMatching(/^(::ffff:)?10\.244\.0\.1$/) as string
      expect(result.seen).toEqual([node, node, expect.any(String)])
      expect(result.wrong).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
      expect(result.direct).not.toMatch(/10\.244\.0\.1$/)
    })

    test('rules that change move new connections only', async () => {
      const result = await inside.evaluate(async ({ start, makePod, network, ask }) => {
        const pods: Awaited<ReturnType<typeof start>>[] = []
        for (const name of ['old', 'new'])
          pods.push(await start({ command: ['node', '/app/greet.cjs'] }, await makePod(name)))
        await Promise.all(pods.map(({ waitForLine }) => waitForLine('listening')))
        const createRequest = (index: number) => [
          {
            service: 'default/web',
            clusterIP: '10.96.0.11',
            port: 80,
            endpoints: [{ ip: pods[index]?.sandbox.ip ?? '', port: 8080 }],
          },
        ]
        await network.program(createRequest(0))
        const { createConnection } = process.getBuiltinModule('node:net')
        const socket = createConnection(80, '10.96.0.11')
        const fetchAnswer = () =>
          new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString().trim())))
        const first = await fetchAnswer()
        await network.program(createRequest(1))
        socket.write('again\n')
        const second = await fetchAnswer()
        const fresh = await ask('10.96.0.11', 80)
        await network.program([])
        socket.write('again\n')
        const third = await fetchAnswer()
        socket.destroy()
        return [first, second, fresh, third]
      })
      expect(result).toEqual(['old', 'old', 'new', 'old'])
    })

    test('a Service without endpoints refuses, from the node and from a pod', async () => {
      const result = await inside.evaluate(async ({ start, network, ask }) => {
        const { container } = await start({})
        await network.program([{ service: 'default/none', clusterIP: '10.96.0.12', port: 80, endpoints: [] }])
        const client = `require('net').createConnection(80, '10.96.0.12').on('error', (error) => console.log(error.code))`
        const fromPod = await container.exec(['node', '-e', client], { timeoutMs: 5_000 })
        return [await ask('10.96.0.12', 80), fromPod.output.trim()]
      })
      expect(result).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    })

    test('many programmings at a time end with the last', async () => {
      const result = await inside.evaluate(async ({ start, makePod, network, ask }) => {
        const { sandbox, waitForLine } = await start({ command: ['node', '/app/greet.cjs'] }, await makePod('last'))
        await waitForLine('listening')
        const createRule = (ip: string) => [
          { service: 'default/web', clusterIP: '10.96.0.13', port: 80, endpoints: [{ ip, port: 8080 }] },
        ]
        const bad = network.program(createRule('10.244.0.1; flush ruleset')).catch((error: Error) => error.message)
        await Promise.all([
          network.program([]),
          network.program(createRule('10.244.200.1')),
          network.program(createRule(sandbox.ip)),
        ])
        return [await ask('10.96.0.13', 80), await bad]
      })
      expect(result).toEqual(['last', expect.stringContaining('is not an IPv4 address')])
    })

    test('pods get different addresses, and may listen below port 1024', async () => {
      const result = await inside.evaluate(async ({ start, runtime, ask, makePod }) => {
        const before = await makePod('before')
        await runtime.removeSandbox(before)
        const { sandbox, waitForLine } = await start({ command: ['node', '/app/greet.cjs', '80'] })
        await waitForLine('listening')
        return { reused: before.ip === sandbox.ip, answer: await ask(sandbox.ip, 80) }
      })
      expect(result).toEqual({ reused: false, answer: expect.stringMatching(/^pod-/) })
    })

    test('a pod is made and its container started in well under 200 ms', async () => {
      const times = await inside.evaluate(async ({ start, makePod, runtime }) => {
        const times: number[] = []
        for (let count = 0; count < 5; count++) {
          const begin = performance.now()
          const { sandbox } = await start({}, await makePod('quick'))
          times.push(performance.now() - begin)
          await runtime.removeSandbox(sandbox)
        }
        return times.sort((a, b) => a - b)
      })
      expect(times[0]).toBeLessThan(200)
    })
  })
})
