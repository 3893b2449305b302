import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeComparison } from '../../log/comparison-file.ts'
import { writePlan } from '../../log/plan-file.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { comparisonOptions } from '../../testing/samples/sample-options.ts'
import { buildComparisonPlan } from '../rounds-and-repeats.ts'
import { planResumedCells, readResumedComparison } from './resume-comparison.ts'

/** A comparison of which these runs are there; each came to its end as told. */
function writeSample(endings: readonly string[], { runs } = buildSampleComparison()): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-resume-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const plan = buildComparisonPlan({
    comparison: { id: 'c1', directory },
    plans: runs.map((run) => run.plan),
    mostRepeats: 0,
  })
  writeComparison(directory, plan)
  for (const [index, ending] of endings.entries()) {
    const runDir = join(directory, plan.runs[index]!.dir)
    mkdirSync(runDir)
    writePlan(runDir, runs[index]!.plan)
    writeFileSync(join(runDir, 'analysis.json'), JSON.stringify({ ...runs[index]!.analysis, ending }))
  }
  return directory
}

test('what is done: runs that went through to their end, not those that were cut short or did not happen', async () => {
  const { id, done, plan } = await readResumedComparison(writeSample(['complete', 'cut-short', 'complete']))
  expect(id).toBe('c1')
  expect(done.map(({ dir }) => dir)).toEqual([plan.runs[0]?.dir, plan.runs[2]?.dir])
})

test('nothing left, or nothing that was planned: is refused with what to do instead', async () => {
  const whole = writeSample(Array.from({ length: 6 }, () => 'complete'))
  await expect(readResumedComparison(whole)).rejects.toThrow('all of its 6 runs went through to their end')
  await expect(readResumedComparison(tmpdir())).rejects.toThrow('it has no comparison.json')
})

test('cells: are planned as they were, whatever the options say now', async () => {
  const resumed = await readResumedComparison(writeSample(['complete']))
  const planned = planResumedCells(resumed, { ...comparisonOptions, config: ['naive'], rounds: 7, rate: 5 })
  expect(planned.map(({ file }) => file.configuration.name)).toEqual(
    resumed.plan.cells.map(({ configuration }) => configuration.name),
  )
  expect(planned.every(({ scenario }) => scenario.load.ratePerSecond === 200)).toBe(true)
})

test('cells of a configuration that is played twice: are planned from its own, whether or not --aa is given again', async () => {
  const { rows, runs } = buildSampleComparison()
  const [naive, again] = runs
  const configuration = { ...naive!.plan.configuration, name: 'naive-again', sameAs: 'naive' }
  const twins = [naive!, { ...again!, plan: { ...again!.plan, configuration } }]
  const resumed = await readResumedComparison(writeSample(['complete'], { rows, runs: twins }))
  for (const more of [{}, { aa: true }, { aa: 'naive' }] as const) {
    const planned = planResumedCells(resumed, { ...comparisonOptions, ...more })
    expect(planned.map(({ file }) => [file.configuration.name, file.configuration.sameAs])).toEqual([
      ['naive', undefined],
      ['naive-again', 'naive'],
    ])
  }
})
