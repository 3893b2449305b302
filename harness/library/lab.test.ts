import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../base/fault.ts'
import { apply, defineScenario, rolloutRestart, steady, untilSettled } from '../plan/scenario/define-scenario.ts'
import { EventChannel } from './event-channel.ts'
import type { LabEvent } from './event-channel.ts'
import type { LabRun } from './lab.ts'
import { openLab } from './open-lab.ts'
// Loaded before the first test, of which it would be the slowest part.
import './lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-lab-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** For a cluster that does not answer: invalid options are refused before it is contacted. */
const kubeconfig = join(folder, 'kubeconfig')
writeFileSync(
  kubeconfig,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'nobody', context: { cluster: 'c', user: 'u' } }],
  }),
)
const place = { context: 'nobody', kubeconfig, imageRegistry: 'registry.example', out: join(folder, 'out') }

const explain = (run: LabRun): Promise<unknown> =>
  run.then(
    () => 'it was carried out',
    (error: unknown) => (error instanceof Fault ? [error.kind, error.message] : error),
  )

test.each<[what: string, play: (lab: Awaited<ReturnType<typeof openLab>>) => LabRun, message: RegExp]>([
  ['no configuration', (lab) => lab.run('rollout'), /^Cannot run without a configuration/],
  ['an unknown scenario', (lab) => lab.run('rolout', { configuration: 'naive' }), /the scenario "rolout"/],
  ['an unknown configuration', (lab) => lab.run('rollout', { configuration: 'nave' }), /the configuration "nave"/],
  [
    'a definition without a disruption',
    (lab) =>
      lab.run(defineScenario({ summary: 'nothing', replicas: 2, steps: [steady(1)] }), {
        configuration: 'naive',
        name: 'idle',
      }),
    /^Cannot run idle, which is not a scenario:\nidle: /,
  ],
  [
    'a definition that applies a file',
    (lab) =>
      lab.run(
        defineScenario({
          summary: 'a file',
          replicas: 2,
          steps: [steady(1), apply('v2.yaml'), untilSettled(), steady(1)],
        }),
        {
          configuration: 'naive',
          name: 'applying',
        },
      ),
    /^Cannot run applying: it applies v2\.yaml, and is in no folder$/,
  ],
])('lab: %s is refused as bad usage', async (_, play, message) => {
  await using lab = await openLab(place)
  expect(await explain(play(lab))).toEqual(['usage', expect.stringMatching(message)])
})

test('lab: a run while another is under way is refused, and the first is not disturbed', async () => {
  await using lab = await openLab(place)
  const steps = [steady(1), rolloutRestart(), untilSettled(), steady(1)]
  const first = lab.run(defineScenario({ summary: 'restarts', replicas: 2, steps }), { configuration: 'naive' })
  expect(await explain(lab.run('rollout', { configuration: 'naive' }))).toEqual([
    'usage',
    expect.stringMatching(/^Cannot run two scenarios in a lab at once/),
  ])
  // Its cluster does not answer.
  expect(await explain(first)).not.toEqual(['usage', expect.anything()])
})

test('lab: nothing runs in one that was closed, or for a signal that was given before', async () => {
  const lab = await openLab(place)
  const reason = new Error('no time')
  await expect(lab.run('rollout', { configuration: 'naive', signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await lab[Symbol.asyncDispose]()
  expect(await explain(lab.run('rollout', { configuration: 'naive' }))).toEqual([
    'usage',
    expect.stringMatching(/closed/),
  ])
})

test('lab: iterating over a run gives what is told from then on, and throws its failure at the end', async () => {
  const channel = new EventChannel()
  const failure = Promise.reject(new Error('broken'))
  failure.catch(() => undefined)
  channel.say('nobody listens yet')
  const seen: LabEvent[] = []
  const reading = (async () => {
    for await (const event of channel.read(failure)) seen.push(event)
  })()
  channel.say('a line')
  channel.beginRun('1/1 rollout × naive').end('a sentence', 'failed')
  channel.close()
  await expect(reading).rejects.toThrow('broken')
  expect(seen).toEqual([
    { type: 'message', text: 'a line' },
    { type: 'run-begin', title: '1/1 rollout × naive' },
    { type: 'run-end', sentence: 'a sentence', verdict: 'failed' },
  ])
  await expect(Array.fromAsync(channel.read(Promise.resolve()))).resolves.toEqual([])
})

test('lab: a run that fails while one of its events is handled does not end the process', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const channel = new EventChannel()
  const { promise, reject } = Promise.withResolvers<never>()
  const events = channel.read(promise)
  channel.say('a line')
  expect(await events.next()).toMatchObject({ value: { text: 'a line' } })
  reject(new Error('broken'))
  channel.close()
  await setImmediate()
  expect(unhandled).toEqual([])
  await expect(events.next()).rejects.toThrow('broken')
})
