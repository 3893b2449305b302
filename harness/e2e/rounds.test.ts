import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { readRuns, runNodrop } from './stage/nodrop-process.ts'
import { createStage, listRunDirs } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

interface Run {
  attempt: number
  part: string
  verdict: string
  because: string[]
  runDir: string
}

/** Requests that the application answers after 100 ms are given up after 50: lost before anything is disrupted. */
const impatient = `
name: impatient
summary: nothing can be concluded from it
disruption: { kind: rollout-restart }
replicas: 2
load:
  ratePerSecond: 40
  shares: { fresh: 1, reused: 0, reused-post: 0 }
  workMs: 100
  thinkMs: 300
  timeoutMs: 50
  connectTimeoutMs: 5000
phases: { beforeMs: 500, afterMs: 500, limitMs: 60000 }
`

test.skipIf(!able)(
  'a round that went through to its end without a verdict is repeated, then left out with its reason',
  { timeout: 120_000 },
  async () => {
    using stage = createStage()
    const scenarios = join(stage.folder, 'scenarios')
    writeFileSync(join(scenarios, 'impatient.yaml'), impatient)
    const out = join(stage.folder, 'out')
    const options = ['--cluster', 'local', '--scenarios', scenarios, '--scenario', 'impatient', '--out', out]
    const ended = await runNodrop(['run', ...options, '--config', 'exec', '--json'], { env: stage.env })
    const runs = readRuns<Run>(ended.stdout)
    expect(runs.map(({ attempt, part, verdict }) => [attempt, part, verdict])).toEqual([
      [1, 'repeated', 'unknown'],
      [2, 'left-out', 'unknown'],
    ])
    expect(ended.stderr).toContain(`Round 1 of exec is repeated. It was disturbed: ${runs[0]?.because[0]}`)
    expect(ended.code).toBe(4)

    const comparison = stage.findComparison() ?? ''
    const plan = JSON.parse(readFileSync(join(comparison, 'comparison.json'), 'utf8')) as Record<
      'runs' | 'repeats',
      { dir: string }[]
    >
    const planned = [...plan.runs, ...plan.repeats].map(({ dir }) => dir)
    expect(listRunDirs(comparison).map((path) => basename(path))).toEqual(planned)
    expect(planned).toEqual(['1-impatient-exec-r1', '2-impatient-exec-r1-run2'])

    const files = ['report.html', 'junit.xml', 'summary.md'].map((name) => join(comparison, name))
    const first = files.map((file) => readFileSync(file, 'utf8'))
    const again = await runNodrop(['report', comparison, '--json'])
    expect([again.code, readRuns(again.stdout)]).toEqual([4, runs])
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(first)
    await stage.waitUntilClean([])
  },
)
