import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StoredCapacity } from '../../measure/capacity/capacity-store.ts'
import type { Knee, Step } from '../../measure/capacity/knee.ts'
import { renderLine } from '../../terminal/text.ts'
import { captureOutput } from '../../testing/captured-output.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { runProgram } from '../program.ts'
import { formatCapacity, formatStep } from './capacity-text.ts'

const home = join(import.meta.dirname, '../../..')

test.each<[args: string[], message: RegExp]>([
  [['--config', 'gracefull'], /Cannot find the configuration "gracefull"\nDid you mean graceful\?/],
  [['--scenario', 'rolout'], /Did you mean rollout\?/],
  [['--start', '0'], /Must be a number above 0/],
  [['--cluster', 'kubeconfig'], /Allowed choices are auto, local, kind/],
])('nodrop capacity: %j is bad usage, before anything is started or written', async (args, message) => {
  const out = mkdtempSync(join(tmpdir(), 'nodrop-capacity-'))
  try {
    const paths = { apps: home, scenarios: join(home, 'scenarios'), manifests: join(home, 'manifests'), reports: out }
    const { code, stdout, stderr } = await captureOutput(() => runProgram(['capacity', '--out', out, ...args], paths))
    expect([code, stdout, readdirSync(out)]).toEqual([2, '', []])
    expect(stderr).toMatch(message)
  } finally {
    rmSync(out, { recursive: true })
  }
})

const step: Step = {
  ratePerSecond: 1200,
  sent: 3600,
  lost: 2,
  notSent: 0,
  p50Us: 101_000,
  p99Us: null,
  servedP99Us: null,
  lagP99Us: 300,
  fate: 'above',
}
const knee: Knee = {
  kneePerSecond: 1130,
  belowPerSecond: 1064,
  abovePerSecond: 1200,
  baseP99Us: 105_000,
  endedBy: 'precision',
  steps: [{ ...step, ratePerSecond: 50, lost: 0, p99Us: 105_000, fate: 'base' }, step],
}
const { plan } = buildSampleComparison().runs[0]!
const format = (changed: Partial<Knee>, replicas = plan.scenario.replicas): string[] => {
  const { cluster, environment, scenario } = plan
  const stored: StoredCapacity = {
    schema: 1,
    configuration: 'graceful',
    kneePerSecond: 1130,
    belowPerSecond: 1064,
    measured: '2026-11-25T01:02:03.000Z',
    plan: { cluster, environment, replicas, load: scenario.load },
    knee: { ...knee, ...changed },
    directory: '/x',
  }
  return formatCapacity(stored).map((line) => renderLine(line, process.stdout))
}

test('nodrop capacity: a step that goes on is one line', () => {
  expect(formatStep(step)).toMatch(/^1200\/s: p99 –, 2 lost, send lag p99 .+ \(above\)$/)
  expect(formatStep({ ...step, lost: 0, p99Us: 210_000 })).toMatch(/^1200\/s: p99 210 ms, send lag/)
})

test('nodrop capacity: the table has a row a step, the sentence a rate to stay below', () => {
  const lines = format({})
  expect(lines[0]).toMatch(/^graceful on local: \d+ pods, \d+ ms of work for each request$/)
  expect(lines[3]?.trim().split(/ {2,}/)).toEqual(expect.arrayContaining(['50', '3,600', '105 ms', 'the base']))
  expect(lines[4]?.trim().split(/ {2,}/)).toEqual(expect.arrayContaining(['1200', '2', '–', 'at least twice the base']))
  expect(lines.at(-1)).toBe('p99 doubles at 1,130 requests/s, give or take 7 %: run at 565/s or below.')
})

test.each([
  [1.5, '0.75'],
  [9.5, '4.7'],
  [0.12, '0.06'],
  [0.29, '0.14'],
  [21, '10'],
])(
  'nodrop capacity: of a slow workload, whose p99 doubles at %s requests/s, the half is no more than that and above 0',
  (at, half) => {
    const sentence = format({ kneePerSecond: at, belowPerSecond: at * 0.95, abovePerSecond: at * 1.05 }).at(-1)
    expect(sentence).toMatch(new RegExp(`^p99 doubles at ${at} requests/s, .*: run at ${half}/s or below\\.$`))
  },
)

test('nodrop capacity: one pod is one pod', () => {
  expect(format({}, 1)[0]).toMatch(/^graceful on local: 1 pod, \d+ ms of work for each request$/)
})

test.each<[Knee['endedBy'], RegExp]>([
  ['late', /^p99 does not double up to 1,064 requests\/s; beyond that the driver itself is late on this machine\.$/],
  ['limit', /^p99 does not double up to 1,064 requests\/s; more was not tried\.$/],
])('nodrop capacity: a search that ended by "%s" says how far it came', (endedBy, sentence) => {
  expect(format({ kneePerSecond: null, abovePerSecond: null, endedBy }).at(-1)).toMatch(sentence)
})
