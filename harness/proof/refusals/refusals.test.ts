import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { diffAnswers, readRecording } from './recording.ts'
import { exceptions, offers, playOffers } from './refusals.ts'
import { playStuckPods } from './stuck-pods.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

describe.skipIf(!able)('the embedded cluster', () => {
  let stateDir: string
  let cluster: Cluster
  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'nodrop-refusals-'))
    cluster = await startEmbeddedCluster({ stateDir })
  })
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
    rmSync(stateDir, { recursive: true })
  })

  test('objects: refused in the words of a real API server', { timeout: 60_000 }, async () => {
    const [recorded, answers] = [readRecording('refusals'), await playOffers(cluster.kubeconfig)]
    const isCompared = ({ title }: { title: string }): boolean => !exceptions.has(title)
    expect(diffAnswers(recorded.filter(isCompared), answers.filter(isCompared))).toEqual([])
  })

  test('pods: why one cannot start, in the words of a real kubelet', { timeout: 120_000 }, async () => {
    const answers = await playStuckPods(cluster.kubeconfig)
    expect(diffAnswers(readRecording('stuck-pods'), answers)).toEqual([])
  })
})

test('titles: each of its own, and every exception is one of them', () => {
  const titles = offers.map(([title]) => title)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
  expect([...exceptions.keys()].filter((title) => !titles.includes(title))).toEqual([])
})

test('difference: of an answer that differs or is missing, both sides', () => {
  const recorded = [
    { title: 'a', answer: '201' },
    { title: 'b', answer: '422 no' },
  ]
  expect(diffAnswers(recorded, recorded)).toEqual([])
  expect(diffAnswers(recorded, [{ title: 'a', answer: '201' }])).toEqual([
    '✗ b\n    recorded: 422 no\n    here:     (nothing)',
  ])
})
