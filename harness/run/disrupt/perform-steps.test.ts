import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import type { CustomStep } from '../../model/disruptions/custom-step.ts'
import type { PodSnapshot } from '../../model/record.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'
import type { CommandOutput } from './command.ts'
import { performSteps } from './perform-steps.ts'

const deployment = '/apis/apps/v1/namespaces/n/deployments/web'
const settled: ScenarioStep = { kind: 'until-settled' }
const restart: ScenarioStep = { kind: 'rollout-restart' }
const steady = (forMs: number): ScenarioStep => ({ kind: 'steady', forMs })
const custom = (name: string, run: CustomStep['run']): CustomStep => ({
  kind: 'step',
  name,
  sha256: '0'.repeat(64),
  ...(run && { run }),
})

let server: ApiProxy
beforeAll(async () => {
  server = await startApiProxy()
})
afterAll(() => server[Symbol.asyncDispose]())

function buildPod(name: string): PodSnapshot {
  const pod = { name, uid: name, node: 'node-1', ip: null, phase: 'Running', ready: true, terminating: false }
  return { ...pod, graceSeconds: null, containers: [] }
}

interface WorkloadOptions {
  limitMs?: number
  namespace?: string
  output?: CommandOutput
}

/** A workload of two pods that is always at rest, in a namespace `n`. */
function openWorkload({ limitMs = 20_000, namespace, output }: WorkloadOptions = {}) {
  const pods = new Map(['web-1', 'web-2'].map((name) => [name, buildPod(name)]))
  const conditions = [{ type: 'Ready', status: 'True' }]
  server.requests.length = 0
  server.answer = ({ path }) => {
    if (path.includes('/pods')) {
      const items = [...pods.keys()].map((name) => ({
        metadata: { name, uid: name },
        status: { phase: 'Running', conditions },
      }))
      return { status: 200, body: { items } }
    }
    const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
    return { status: 200, body: { metadata: { generation: 1 }, spec: { replicas: 2 }, status } }
  }
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  onTestFinished(() => api.close())
  const told: string[] = []
  const undone: (() => Promise<void>)[] = []
  const stop = new AbortController()
  const workload = { ...buildSampleWorkload({ workMs: 0 }), ...(namespace !== undefined && { namespace }) }
  const perform = (...steps: ScenarioStep[]): Promise<void> =>
    performSteps({
      api,
      namespace: 'n',
      workload,
      limitMs,
      signal: stop.signal,
      onEviction: () => undefined,
      replicas: 2,
      pods,
      steps,
      ...(output && { output }),
      defer: (undo) => void undone.push(undo),
      writeStep: (name, detail, number) => void told.push([name, number, detail].filter(Boolean).join(' ')),
      waitUntilQuiet: async (ms) => void told.push(`quiet for ${ms}`),
    })
  const replacePod = (): void => {
    pods.delete('web-1')
    pods.set('web-3', buildPod('web-3'))
  }
  const addPod = (name: string): void => void pods.set(name, buildPod(name))
  return { addPod, replacePod, told, undone, stop, perform }
}

const listWrites = (): string[] =>
  server.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)

test('order: each step is told when it begins and has ended, within the frame of the run', async () => {
  const { told, perform } = openWorkload()
  await perform(steady(1), { kind: 'repeat', times: 2, steps: [restart, settled] }, steady(7))
  expect(told).toEqual([
    'step-begin 1 steady',
    'step-end 1',
    'disrupt-begin rollout-restart',
    'step-begin 2 rollout-restart',
    'step-end 2',
    'step-begin 3 until-settled',
    'step-end 3',
    'step-begin 4 rollout-restart',
    'step-end 4',
    'disrupt-end',
    'step-begin 5 until-settled',
    'step-end 5',
    'old-pods-gone',
    'step-begin 6 steady',
    'quiet for 7',
    'step-end 6',
  ])
  expect(listWrites()).toEqual([`PATCH ${deployment}`, `PATCH ${deployment}`])
})

test('together: all begin before one has ended, and what fails ends the others', async () => {
  const { replacePod, told, perform } = openWorkload()
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = custom('first', () => promise)
  const second = custom('second', async () => {
    replacePod()
    resolve()
  })
  await perform(steady(0), { kind: 'together', steps: [first, second] }, settled, steady(0))
  expect(told.slice(3, 5)).toEqual(['step-begin 2 step first', 'step-begin 3 step second'])
  expect(told.slice(5, 7).sort()).toEqual(['step-end 2', 'step-end 3'])
  expect(told[7]).toBe('disrupt-end')
  const waiting = custom('waiting', () => new Promise(() => undefined))
  const failing = custom('failing', () => Promise.reject(new Error('no such switch')))
  await expect(perform(steady(0), { kind: 'together', steps: [waiting, failing] }, settled, steady(0))).rejects.toThrow(
    'The step failing failed: no such switch',
  )
})

test('own code: it reaches the API, and its word is kept', async () => {
  const { replacePod, told, perform } = openWorkload()
  const run: CustomStep['run'] = async ({ namespace, workload, pods, request }) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${workload.name}`
    await request('PATCH', path, { spec: { paused: true } }, 'application/merge-patch+json')
    replacePod()
    return `${workload.kind} of ${pods.join(' and ')}`
  }
  await perform(steady(0), custom('pause', run), settled, steady(0))
  expect(told).toContain('step-end 2 Deployment of web-1 and web-2')
  expect(listWrites()).toEqual([`PATCH ${deployment}`])
})

test('own code: a pod that has the name of one before it is called as the API knows it', async () => {
  const { addPod, told, perform } = openWorkload()
  addPod('web-2~2')
  await perform(
    steady(0),
    custom('look', async ({ pods }) => pods.join()),
    steady(0),
  )
  expect(told).toContain('step-end 2 web-1,web-2,web-2')
})

test('limit: it holds for all steps together, and names the one that it cut off', async () => {
  const { perform } = openWorkload({ limitMs: 150 })
  const endless = custom('endless', () => new Promise(() => undefined))
  await expect(perform(steady(0), endless, settled, steady(0))).rejects.toMatchObject({
    kind: 'unknown',
    message: 'The step endless had not ended after 0.15 s',
  })
  const slow = custom('slow', () => sleep(100))
  await expect(perform(steady(0), slow, steady(100), restart, settled, steady(0))).rejects.toMatchObject({
    kind: 'unknown',
    message: 'Timed out after 0.15 s: step 4 (restarts the rollout) had not begun',
  })
})

test('asked of others: a pod is waited for that comes or leaves', async () => {
  const { replacePod, told, perform } = openWorkload()
  const performing = perform(
    steady(0),
    custom('ask', async () => {}),
    settled,
    steady(0),
  )
  await sleep(300)
  expect(told.at(-1)).toBe('step-begin 3 until-settled')
  replacePod()
  await performing
  expect(told.at(-1)).toBe('step-end 4')
})

test('undo: a target is scaled back, whatever comes after its scale', async () => {
  const { undone, perform } = openWorkload({ namespace: 'n' })
  const failing = custom('failing', () => Promise.reject(new Error('no')))
  const scale: ScenarioStep = { kind: 'scale', to: 1 }
  await expect(perform(steady(0), scale, failing, settled, steady(0))).rejects.toThrow('The step failing failed')
  server.requests.length = 0
  for (const undo of undone) await undo()
  expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
    [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'add', path: '/spec/replicas', value: 2 },
    ],
  ])
})

test('interruption: it ends steady load', async () => {
  const { stop, told, perform } = openWorkload()
  const performing = perform(steady(60_000), restart, settled, steady(0))
  stop.abort(new Error('interrupted'))
  await expect(performing).rejects.toThrow()
  expect(told).toEqual(['step-begin 1 steady'])
})

test('command: the output of each is in a file of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop.steps-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { perform } = openWorkload({ output: { path: join(folder, 'command.log'), show: () => undefined } })
  const say = (word: string): ScenarioStep => ({ kind: 'command', argv: ['echo', word] })
  await perform(steady(1), say('one'), { kind: 'together', steps: [say('two'), restart] }, steady(1))
  expect(readdirSync(folder)).toEqual(['command-2.log', 'command.log'])
  expect(['command.log', 'command-2.log'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    'one\n',
    'two\n',
  ])
})
