import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { changeComparison, withDisturbance, buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { hostileTexts, poisonTexts } from '../../testing/hostile-texts.ts'
import { renderHtml } from './render-html.ts'

const title = 'rollout-1'
/** The page without the program's own script and style, which are long and do not depend on a run. */
const stripAssets = (text: string) => text.replaceAll(/<(script|style)>.*?<\/\1>/gs, '')
const page = renderHtml({ title, ...buildSampleComparison() })

test('the same input gives the same bytes, in any folder, locale and time zone', () => {
  const code = `
    import { buildSampleComparison } from ${JSON.stringify(new URL('../../testing/samples/sample-analyses.ts', import.meta.url).href)}
    import { renderHtml } from ${JSON.stringify(new URL('./render-html.ts', import.meta.url).href)}
    process.stdout.write(renderHtml({ title: ${JSON.stringify(title)}, ...buildSampleComparison() }))`
  const other = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: tmpdir(),
    env: { ...process.env, LC_ALL: 'de_DE.UTF-8', LANG: 'ar_EG.UTF-8', TZ: 'Pacific/Chatham' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  expect(other === page).toBe(true)
  expect(renderHtml({ title, ...buildSampleComparison() }) === page).toBe(true)
})

test('a comparison of six runs stays below 3 MB', () => {
  expect(Buffer.byteLength(page)).toBeLessThan(3_000_000)
})

test('the policy allows the scripts and the style of the page and nothing else', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
  const computeHash = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => computeHash(text))
  const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text]) => computeHash(text))
  expect(scripts).toHaveLength(2)
  expect(policy).toBe(
    `default-src 'none'; script-src ${scripts.join(' ')}; style-src ${styles.join(' ')}; img-src data:; base-uri 'none'; form-action 'none'`,
  )
  expect(stripAssets(page)).not.toMatch(/<[^>]* (style|on[a-z]+)=/)
})

test('nothing in the page refers to the network or to another file', () => {
  const references = [...stripAssets(page).matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '')
  expect(references.filter((url) => !url.startsWith('#') && url !== 'data:,')).toEqual([])
  expect(stripAssets(page)).not.toMatch(/@import|url\(/)
})

test('hostile text in every field changes no element of the page', () => {
  const poisonedPage = renderHtml({ title: hostileTexts.join(' '), ...poisonTexts(buildSampleComparison()) })
  for (const text of hostileTexts.filter((each) => /[<\p{Cc}\u202e]/u.test(each))) {
    expect(poisonedPage.includes(text)).toBe(false)
  }
  // A text of several lines gives several lines of a difference.
  const differences = /(?<=<pre[^>]*>).*?(?=<\/pre>)/gs
  const listElements = (text: string): string[] => (text.match(/<[a-z0-9]+/g) ?? []).toSorted()
  const listStable = (text: string): string[] => listElements(stripAssets(text).replaceAll(differences, ''))
  expect(listStable(poisonedPage)).toEqual(listStable(page))
  const lines = stripAssets(poisonedPage).match(differences) ?? []
  expect(lines.length).toBeGreaterThan(0)
  expect(new Set(lines.flatMap(listElements))).toEqual(new Set(['<del', '<ins', '<span']))
})

test('an interrupted run without phases, pods or losses still has its section', () => {
  const [run] = buildSampleComparison().runs
  if (run === undefined) throw new Error('Cannot test without a sample run')
  const nothing = { phases: [], pods: [], losses: [], buckets: [], outages: [], lanes: [] }
  const report = changeComparison({ runs: [run] }, (analysis) => ({
    ...withDisturbance('the log ends early', analysis),
    ...nothing,
    ending: 'cut-short',
  }))
  const text = stripAssets(renderHtml({ title, ...report }))
  expect(text).toContain('<h1><em class="open">naive</em> could not be judged.</h1>')
  expect(text).toContain('<p class="sub">The log ends early.</p>')
  expect(text).toContain('no disruption began')
  expect(text).not.toMatch(/NaN|undefined|Infinity/)
})

test('a report without runs and rows says so', () => {
  expect(stripAssets(renderHtml({ title, rows: [], runs: [] }))).toContain('Nothing was measured.')
})

test('missing runs have their place; one that cannot be drawn hides no other', () => {
  const report = changeComparison(buildSampleComparison(), (run) => {
    if (run.configuration === 'exec') {
      return { ...withDisturbance('the run did not happen', run), ending: 'never-began' }
    }
    return {}
  })
  const losses = [null] as unknown as Analysis['losses']
  const runs = report.runs.map((run) =>
    run.plan.configuration.name === 'sleep' ? { ...run, analysis: { ...run.analysis, losses } } : run,
  )
  const text = stripAssets(renderHtml({ title, ...report, runs }))
  expect(text.match(/<details\s+class="run"/g)).toHaveLength(6)
  expect(text).toContain('did not happen')
  expect(text).toContain('cannot be drawn: ')
})
