import { expect, test } from 'vitest'
import { hostileTexts } from '../../testing/hostile-texts.ts'
import {
  buildSampleComparison,
  changeComparison,
  withDisturbance,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import type { SampleRun } from '../../testing/samples/sample-analyses.ts'
import { renderSummary } from '../report/markdown-summary.ts'
import { renderHtml } from '../report/render-html.ts'
import { listConfigurationDiffs } from './configuration-diffs.ts'

const sample = buildSampleComparison(2)

/** The same comparison with plans changed by `change`. */
function changePlans(change: (run: SampleRun) => Partial<SampleRun['plan']>): typeof sample {
  const runs = sample.runs.map((run) => ({ ...run, plan: { ...run.plan, ...change(run) } }))
  return changeComparison({ runs }, () => ({}))
}

/** Removes what was deployed, as in plans of older versions. */
function forgetDeployed(...configurations: string[]): typeof sample {
  const runs = sample.runs.map((run) => {
    const { deployed: _, ...plan } = run.plan
    return configurations.includes(plan.configuration.name) ? { ...run, plan } : run
  })
  return changeComparison({ runs }, () => ({}))
}

const names = sample.rows.map(({ configuration }) => configuration)
const others = (base: string): string[] => names.filter((name) => name !== base)

test('base: the first configuration that lost nothing', () => {
  const [diffs] = listConfigurationDiffs(sample.rows, sample.runs)
  expect(diffs).toMatchObject({ base: 'graceful', lostNothing: true, unknown: [] })
  expect(diffs!.diffs.map(({ configuration }) => configuration)).toEqual(others('graceful'))
  const two = changeComparison(sample, (run) => (run.configuration === 'exec' ? withoutLoss(run) : {}))
  expect(listConfigurationDiffs(two.rows, two.runs)[0]).toMatchObject({ base: 'exec', lostNothing: true })
})

test('base: the first configuration where none is known to lose nothing', () => {
  const none = changeComparison(sample, (run) =>
    run.configuration === 'graceful' ? withDisturbance('a watch had a gap', run) : {},
  )
  expect(listConfigurationDiffs(none.rows, none.runs)[0]).toMatchObject({ base: names[0], lostNothing: false })
  expect(renderSummary(none.rows, none.runs)).toContain('are those of naive, the first configuration;')
})

test('groups: configurations are held against those of their own scenario', () => {
  const both = changePlans(({ plan }) => ({
    scenario: { ...plan.scenario, name: plan.configuration.name === 'exec' ? 'eviction' : 'rollout' },
  }))
  const groups = listConfigurationDiffs(both.rows, both.runs)
  expect(groups.map(({ scenario }) => scenario)).toEqual(['rollout'])
  expect(groups[0]!.diffs.map(({ configuration }) => configuration)).not.toContain('exec')
})

test('old plans: one sentence names configurations of which nothing is known', () => {
  const some = forgetDeployed('exec', 'sleep')
  const page = renderHtml({ title: 't', ...some })
  expect(page.match(/is not in the run&#39;s plan\.json/g)).toHaveLength(1)
  expect(page).toContain('What exec and sleep deployed is not in')
  const all = forgetDeployed(...names)
  expect(renderHtml({ title: 't', ...all })).not.toContain('class="difference"')
  expect(renderSummary(all.rows, all.runs)).not.toContain('```')
})

test('one configuration: nothing to hold it against, no section', () => {
  const one = changeComparison(
    { runs: sample.runs.filter(({ plan }) => plan.configuration.name === 'exec') },
    () => ({}),
  )
  expect(renderHtml({ title: 't', ...one })).not.toContain('What the configurations change')
  expect(renderSummary(one.rows, one.runs)).not.toContain('What the configurations change')
})

test('Markdown: a fence for each configuration, with signs in front of lines', () => {
  const fences = renderSummary(sample.rows, sample.runs).split('```diff\n').slice(1)
  expect(fences).toHaveLength(others('graceful').length)
  const [naive = ''] = fences
  expect(naive.split('\n```')[0]?.split('\n')).toEqual(
    expect.arrayContaining([
      '@@ Deployment web @@',
      expect.stringMatching(/^- .*- sleep 8$/),
      expect.stringMatching(/^\+ .*- gunicorn app$/),
    ]),
  )
})

test('Markdown: text in an object cannot end its fence', () => {
  const hostile = changePlans(({ plan }) => ({
    deployed: {
      ...plan.deployed!,
      images: [...hostileTexts, '````', '\n```\n# heading'].map((name) => ({
        name: `${name} ${plan.configuration.name}`,
        digest: null,
      })),
    },
  }))
  const markdown = renderSummary(hostile.rows, hostile.runs)
  const fences = [...markdown.matchAll(/^(`{3,})diff\n([^]*?)\n\1$/gm)]
  expect(fences).toHaveLength(others('graceful').length)
  for (const [, fence = '', content = ''] of fences) {
    expect(fence.length).toBeGreaterThan(4)
    expect(content.split('\n').filter((line) => line.trimStart().startsWith(fence))).toEqual([])
    expect(content).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u)
  }
  expect(markdown).not.toMatch(/^# heading/m)
})

test('large differences: page and summary are cut, and say so', () => {
  const large = changePlans(({ plan }) => ({
    deployed: {
      ...plan.deployed!,
      images: Array.from({ length: 5_000 }, (_, n) => ({ name: `${plan.configuration.name}/${n}`, digest: null })),
    },
  }))
  const page = renderHtml({ title: 't', ...large })
  expect(page.match(/<(ins|del)>/g)!.length).toBeLessThanOrEqual(others('graceful').length * 600)
  expect(page).toMatch(/[\d,]+ more lines are in the plan\.json of the runs/)
  expect(renderSummary(large.rows, large.runs).split('\n').length).toBeLessThan(600)
})
