import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeComparison } from '../../log/comparison-file.ts'
import { writePlan } from '../../log/plan-file.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { apply, step } from '../../plan/scenario/define-scenario.ts'
import { comparisonOptions } from '../../testing/samples/sample-options.ts'
import type { RunPlan } from '../../model/plan.ts'
import { buildComparisonPlan } from '../rounds-and-repeats.ts'
import { withResumedTwin } from '../plan-cells.ts'
import { adoptResumedPlan, listMissingRuns, planResumedCells, readResumedComparison } from './resume-comparison.ts'

const { runs } = buildSampleComparison()

const planSample = (plans: readonly RunPlan[], directory = ''): ReturnType<typeof buildComparisonPlan> =>
  buildComparisonPlan({ comparison: { id: 'c1', directory }, plans, mostRepeats: 0 })

/** A comparison with these runs, each with the given ending. */
function writeSample(endings: readonly string[], plans = runs.map((run) => run.plan)): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-resume-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const plan = planSample(plans, directory)
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

test('what is missing: the runs that are not done, in their order, and rounds that were to be repeated', async () => {
  const { plan, ...resumed } = await readResumedComparison(writeSample(['complete', 'cut-short', 'complete']))
  const cells = planResumedCells({ plan, ...resumed }, comparisonOptions)
  const repeat = { ...plan.runs[0]!, dir: '7-again', runId: 'again', attempt: 2, because: 'the driver was late' }
  const missing = listMissingRuns({ ...resumed, plan: { ...plan, repeats: [repeat] } }, cells)
  const names = plan.runs.map(({ cell }) => plan.cells[cell]!.configuration.name)
  expect(missing.map(({ file }) => file.configuration.name)).toEqual([names[1], ...names.slice(3), names[0]])
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
  const [naive, again] = runs
  const configuration = { ...naive!.plan.configuration, name: 'naive-again', sameAs: 'naive' }
  const twins = [naive!.plan, { ...again!.plan, configuration }]
  const resumed = await readResumedComparison(writeSample(['complete'], twins))
  for (const more of [{}, { aa: true }, { aa: 'naive' }] as const) {
    const planned = planResumedCells(resumed, { ...comparisonOptions, ...more })
    expect(planned.map(({ file }) => [file.configuration.name, file.configuration.sameAs])).toEqual([
      ['naive', undefined],
      ['naive-again', 'naive'],
    ])
  }
})

test('a target that is played twice: is so again, and one that is not is not, whether or not --aa is given', async () => {
  const [naive, again] = runs
  const configuration = { ...naive!.plan.configuration, name: 'naive-again', sameAs: 'naive' }
  const twice = await readResumedComparison(writeSample(['complete'], [naive!.plan, { ...again!.plan, configuration }]))
  const once = await readResumedComparison(writeSample(['complete']))
  for (const more of [{}, { aa: 'naive' }]) {
    expect(withResumedTwin(more, twice)).toEqual({ aa: true })
    expect(withResumedTwin(more, once)).toEqual({})
  }
})

test('what is run: the values and the code that were asked for, not what was written of them', async () => {
  const ask = (plan: RunPlan, key = 's3cret'): RunPlan => {
    const headers = { authorization: 'Bearer s3cret' }
    const load = {
      ...plan.scenario.load,
      requests: [{ method: 'POST' as const, headers, query: { key }, body: 's3cret' }],
    }
    const steps = [step('warm up', () => Promise.resolve()), { ...apply('v2.yaml'), sha256: 'ab', read: () => [] }]
    const update = { kind: 'update' as const, container: 'app', env: { TOKEN: 's3cret' } }
    return { ...plan, scenario: { ...plan.scenario, load, steps: [...steps, update, ...plan.scenario.steps] } }
  }
  const known = { ...runs[0]!.plan, keptFields: ['containers.resources.limits'] }
  const resumed = await readResumedComparison(
    writeSample(
      ['complete'],
      [known, runs[1]!.plan].map((one) => ask(one)),
    ),
  )
  expect(JSON.stringify(resumed.plan)).not.toContain('s3cret')
  const intended = planSample([runs[1]!.plan, runs[0]!.plan].map((one) => ask(one)))
  const adopted = adoptResumedPlan(resumed, intended)
  const [first, second] = intended.cells.toReversed()
  // Functions are equal if they are identical.
  expect(adopted).toEqual({ ...resumed.plan, cells: [{ ...first, keptFields: known.keptFields }, second] })
  const others = planSample(runs.slice(0, 2).map(({ plan }) => ask(plan, 'another')))
  expect(() => adoptResumedPlan(resumed, others)).toThrow('is not what it was: scenario.load.requests.0.query.key was')
})
