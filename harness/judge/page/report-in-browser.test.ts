/** The report in a real browser, opened from a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatCount } from '../../base/figures.ts'
import { changeComparison, withDisturbance, buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { browserPath, launchBrowser } from '../../testing/browser.ts'
import { openPage as openPageIn } from '../../testing/open-page.ts'
import type { OpenedPage } from '../../testing/open-page.ts'
import { hostileTexts, poisonTexts } from '../../testing/hostile-texts.ts'
import { showInvisible } from '../report/escape-html.ts'
import { renderHtml } from '../report/render-html.ts'
import { renderJunit } from '../report/junit-xml.ts'
import { sortByDue, formatRequestName } from '../losses/payload.ts'
import { explainLoss } from '../losses/loss-explanation.ts'
import { listChronology } from '../losses/loss-chronology.ts'
import { chooseShownLosses, shareShownLosses } from '../losses/shown-losses.ts'
import { createTimeScale } from '../timeline/time-scale.ts'

const folder = mkdtempSync(join(tmpdir(), 'report-page-'))
const sample = buildSampleComparison()
const crowd = buildSampleComparison(1, 6)
let browser: Browser | undefined
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

function writeReport(name: string, report: Parameters<typeof renderHtml>[0]): string {
  const path = join(folder, `${name}.html`)
  writeFileSync(path, renderHtml(report))
  return pathToFileURL(path).href
}

const openPage = (url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> =>
  openPageIn(browser, url, options)

const findRun = (runs: typeof sample.runs, name: string) => {
  const run = runs.find(({ analysis }) => analysis.configuration === name)
  if (run === undefined) throw new Error(`Cannot find the sample run ${name}`)
  return run
}
const naive = findRun(sample.runs, 'naive')
const naiveRun = { ...naive.analysis, scale: createTimeScale(naive.analysis) }
const locateRun = (page: Page, runId: string) => page.locator(`details.run[data-run="${runId}"]`)

describe.skipIf(browserPath === undefined)(`report.html in ${browserPath ?? 'a browser (none is installed)'}`, () => {
  let url = ''

  beforeAll(async () => {
    browser = await launchBrowser()
    url = writeReport('six', { title: 'six', ...sample })
  })

  test('opens without a problem; a mark and a row for every lost request', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    expect(await page.locator('h1').textContent()).toBe('graceful lost nothing. The other five lost requests.')
    expect(await page.locator('.comparison tbody tr').count()).toBe(6)
    for (const { analysis } of sample.runs) {
      const own = locateRun(page, analysis.runId)
      await own.evaluate((element) => element.setAttribute('open', ''))
      await own.locator('svg.plot').waitFor()
      expect(await own.locator('.m').count()).toBe(analysis.ledger.lost)
      expect(await own.locator('[data-losses] tbody tr').count()).toBe(Math.min(200, analysis.ledger.lost))
    }
    expect(problems).toEqual([])
  })

  test('draws latency and losses when a run is opened, and not before', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    const exec = locateRun(page, findRun(sample.runs, 'exec').analysis.runId)
    expect(await exec.locator('canvas').count()).toBe(0)
    const keptPx = await exec.evaluate(async (opened) => {
      opened.setAttribute('open', '')
      await new Promise((resolve) => opened.addEventListener('toggle', resolve, { once: true }))
      return opened.querySelector('.charts')?.getBoundingClientRect().height
    })
    expect(keptPx).toBeGreaterThan(300) // before they are drawn: a scroll target is not an empty line
    await exec.locator('.charts').scrollIntoViewIfNeeded()
    await expect.poll(() => exec.locator('canvas').count(), { timeout: 10_000 }).toBe(2)
    const plots = await exec
      .locator('.u-over')
      .evaluateAll((each) => each.map((plot) => plot.getBoundingClientRect().x))
    const bands = await exec.locator('.phase-before').evaluate((band) => band.getBoundingClientRect().x)
    for (const x of plots) expect(Math.abs(x - bands)).toBeLessThan(1)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => exec.locator('canvas').count(), { timeout: 10_000 }).toBe(2)
    expect(problems).toEqual([])
  })

  test('tells the story of a mark that is clicked, and its link tells it again', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    const losses = sortByDue(naive.analysis.losses)
    const index = losses.findIndex(({ outcome }) => outcome === 'unreachable')
    const loss = losses[index]
    if (loss === undefined) throw new Error('Cannot find an unreachable request in the sample')
    const mark = locateRun(page, naive.analysis.runId).locator(`.m[data-i="${index}"]`)
    await mark.scrollIntoViewIfNeeded()
    const box = await mark.boundingBox()
    if (box === null) throw new Error('Cannot click a mark that is not drawn')
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    const shown = Number(/(\d+) of/.exec((await page.locator('#story .bar .of').textContent()) ?? '')?.[1]) - 1
    const told = losses[shown] ?? loss
    expect(told.pod).toBe(loss.pod)
    const story = explainLoss(told, createTimeScale(naive.analysis))
    expect(await page.locator('#story h2').textContent()).toBe(story.title)
    expect((await page.locator('#story .told p').allTextContents()).slice(0, -1)).toEqual(story.sentences)
    expect(await page.locator('#story .told-facts tr').count()).toBe(story.facts.length)
    expect(await page.locator('#story .around tr').count()).toBe(listChronology(told, naiveRun).length)
    const hash = await page.evaluate('location.hash')
    expect(hash).toBe(`#run=${naive.analysis.runId}&req=${formatRequestName(told.request)}`)

    await using again = await openPage(`${url}${String(hash)}`)
    expect(await again.page.locator('#story h2').textContent()).toBe(story.title)
    expect([...problems, ...again.problems]).toEqual([])
  })

  test('keyboard: tab to a mark, arrows to others, Enter opens, Escape closes', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    const losses = sortByDue(naive.analysis.losses)
    const readTitle = (index: number) =>
      `Request ${formatRequestName(losses[index]?.request ?? naive.analysis.losses[0]!.request)}`
    await locateRun(page, naive.analysis.runId).locator('.m[tabindex="0"]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('#story h2').textContent()).toContain(readTitle(1))
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    expect(await page.locator('#story h2').textContent()).toContain(readTitle(2))
    expect(await page.evaluate('document.activeElement.dataset.i')).toBe('2')
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toContain(losses[2]?.outcome)
    await page.keyboard.press('Escape')
    expect(await page.locator('#story').isVisible()).toBe(false)
    expect(await page.evaluate('document.activeElement.dataset.i')).toBe('2')
    expect(problems).toEqual([])
  })

  test('differences: open without script, within their frame, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await openPage(url, {
        javaScriptEnabled: false,
        viewport: { width: 360, height: 800 },
        colorScheme,
      })
      const { page, problems } = opened
      const difference = page.locator('details.difference', { has: page.locator('h4', { hasText: 'naive' }) })
      expect(await difference.locator('pre').isVisible()).toBe(false)
      await difference.locator('summary').click()
      expect(await difference.locator('ins').allTextContents()).toContainEqual(
        expect.stringMatching(/^\+ +- gunicorn app$/),
      )
      expect(await difference.locator('del').last().textContent()).toMatch(/^- +- sleep 8$/)
      const frame = await difference.boundingBox()
      const pre = await difference.locator('pre').boundingBox()
      expect(pre!.x + pre!.width).toBeLessThan(frame!.x + frame!.width)
      const tops = await difference
        .locator('pre > *')
        .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().top))
      expect(tops).toEqual([...new Set(tops)].toSorted((a, b) => a - b))
      expect(problems).toEqual([])
    }
  })

  test('sorts the comparison from the keyboard and says so', async () => {
    await using opened = await openPage(url)
    const { page } = opened
    const names = () => page.locator('.comparison .name').allTextContents()
    const head = page.locator('.comparison thead .c-lost')
    await head.locator('button').focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['graceful', 'sleep', 'nginx-quit', 'naive', 'exec', 'app-first'])
    await page.keyboard.press('Enter')
    expect((await names())[0]).toBe('app-first')
    expect(await head.getAttribute('aria-sort')).toBe('descending')
  })

  test('comparison at 1440 px: no heading breaks within a word', async () => {
    await using opened = await openPage(url, { viewport: { width: 1440, height: 900 } })
    expect(await opened.page.evaluate(brokenWords)).toEqual([])
  })

  test('thousands of losses: bars for all, numbers for those that the page has, keys go on', async () => {
    const { analysis } = findRun(crowd.runs, 'app-first')
    expect(analysis.ledger.lost).toBeGreaterThan(5_000)
    const shares = shareShownLosses(crowd.runs.map((run) => run.analysis.losses.length))
    const own = crowd.runs.findIndex((run) => run.analysis === analysis)
    const shown = chooseShownLosses(analysis.losses, shares[own] ?? 0).length
    const total = formatCount(shown)
    await using opened = await openPage(`${writeReport('crowd', { title: 'crowd', ...crowd })}#run=${analysis.runId}`)
    const { page, problems } = opened
    const section = locateRun(page, analysis.runId)
    const numbers = await section
      .locator('.m')
      .evaluateAll((marks) => marks.flatMap((mark) => (mark.getAttribute('data-i') ?? '').split(' ').filter(Boolean)))
    expect(numbers.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: shown }, (_, index) => index))
    expect(await section.locator('.m').count()).toBeLessThan(1_500)
    await section.locator('.m[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.locator('#story .bar .of').textContent()).toBe(`2 of ${total}`)
    expect(problems).toEqual([])
  })

  test('hostile text: runs nothing, requests nothing and is readable', async () => {
    const report = { title: hostileTexts.join(' '), ...poisonTexts(sample) }
    const [run] = report.runs
    if (run === undefined) throw new Error('Cannot test without a run')
    await using opened = await openPage(writeReport('hostile', report))
    const { page, problems } = opened
    await page.locator('details').evaluateAll((each) => each.forEach((element) => element.setAttribute('open', '')))
    await page.locator('.m').first().dispatchEvent('click')
    await page.locator('.charts').first().scrollIntoViewIfNeeded()
    await expect.poll(() => page.locator('canvas').count()).toBeGreaterThan(0)
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate('window.harmed')).toBeUndefined()
    expect(await page.locator('img, iframe, form, object, embed, base, link[rel=stylesheet]').count()).toBe(0)
    expect(
      await page.evaluate(
        String.raw`/[\u0000-\u0008\u000e-\u001f\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)`,
      ),
    ).toBe(false)
    expect(await page.locator('.comparison .hypothesis').first().textContent()).toContain(
      showInvisible(run.plan.configuration.hypothesis).trim(),
    )
    expect(problems).toEqual([])
  })

  test('a hostile run id is still a link to its run', async () => {
    const { runs, rows } = poisonTexts(sample)
    const id = showInvisible(runs[1]?.analysis.runId ?? '')
    await using opened = await openPage(
      `${writeReport('hostile-link', { title: 't', rows, runs })}#run=${encodeURIComponent(id)}`,
    )
    expect(
      await opened.page
        .locator('details.run[open]')
        .evaluateAll((each) => each.map((run) => run.getAttribute('data-run'))),
    ).toContain(id)
    expect(opened.problems).toEqual([])
  })

  test('the policy stops a script that would get into the page all the same', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.harmed = true' }))`,
    )
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src="https://example.invalid/i.png" onerror="window.harmed = true">')`,
    )
    await expect
      .poll(() => problems.filter((text) => text.includes('Content Security Policy')).length)
      .toBeGreaterThanOrEqual(2)
    expect(await page.evaluate('window.harmed')).toBeUndefined()
  })

  test('without JavaScript: comparison, drawings and tables are all there', async () => {
    await using opened = await openPage(url, { javaScriptEnabled: false })
    const { page } = opened
    expect(await page.locator('.comparison tbody tr').count()).toBe(6)
    expect(await page.locator('.comparison').isVisible()).toBe(true)
    await locateRun(page, findRun(sample.runs, 'exec').analysis.runId).locator('summary').first().click()
    const own = locateRun(page, findRun(sample.runs, 'exec').analysis.runId)
    expect(await own.locator('svg.plot').isVisible()).toBe(true)
    expect(await own.locator('[data-losses] tbody tr').count()).toBe(177)
    expect(await page.locator('.with-script').first().isVisible()).toBe(false)
  })

  test.each([
    [360, 'light'],
    [360, 'dark'],
    [768, 'light'],
    [1280, 'dark'],
  ] as const)('at %i px, %s, nothing is wider than the screen and text has contrast', async (width, colorScheme) => {
    await using opened = await openPage(url, { viewport: { width, height: 800 }, colorScheme })
    const { page, problems } = opened
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(await page.evaluate(poorContrast)).toEqual([])
    expect(problems).toEqual([])
  })

  test.each([360, 1280])('at %i px: missing and left-out rounds fit into the screen', async (width) => {
    const report = changeComparison(buildSampleComparison(8), (run) => {
      if (run.configuration === 'exec' && run.round > 5) {
        return { ...withDisturbance('the run did not happen', run), ending: 'never-began' }
      }
      const late = `driver overloaded: requests were sent ${run.round + 3} ms late (p99), 5 ms are allowed`
      const isLate = run.configuration === 'nginx-quit' || (run.configuration === 'graceful' && run.round === 2)
      return isLate ? withDisturbance(late, run) : {}
    })
    const missing = report.runs.find(({ analysis }) => analysis.ending === 'never-began')?.analysis.runId ?? ''
    await using opened = await openPage(`${writeReport('left-out', { title: 'left out', ...report })}#run=${missing}`, {
      viewport: { width, height: 800 },
    })
    const { page, problems } = opened
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(await page.evaluate(poorContrast)).toEqual([])
    // A table that is wider than its card scrolls within it.
    const card = await page.locator('.overview').boundingBox()
    expect((card?.x ?? 0) + (card?.width ?? 0)).toBeLessThanOrEqual(width)
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.overview')).overflowX`)).toBe('auto')
    const locateBrief = (runId: string) => page.locator(`details.run[id="run=${runId}"]`)
    expect(await locateBrief(missing).locator('.sentence').isVisible()).toBe(true)
    expect(await page.locator('.dot.apart').count()).toBe(8 + 1 + 3)
    expect(problems).toEqual([])
  })

  test('prints every run, closed ones too', async () => {
    await using opened = await openPage(url)
    const { page, problems } = opened
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    expect(await page.locator('details.run[open]').count()).toBe(6)
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
    expect(await page.locator('details.run[open]').count()).toBe(1)
    expect(problems).toEqual([])
  })

  test('junit.xml is a document that a parser takes', async () => {
    await using opened = await openPage(url)
    const { runs, rows } = poisonTexts(sample)
    const xml = renderJunit(runs, rows)
    const read = await opened.page.evaluate(
      `(() => { const parsed = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml'); return [parsed.querySelectorAll('parsererror').length, parsed.querySelectorAll('testcase').length] })()`,
    )
    expect(read).toEqual([0, 6])
  })
})

/** Words in the head of the comparison that stand on more than one line. */
const brokenWords = `[...document.querySelectorAll('.comparison thead th')].flatMap((head) => {
  const text = document.createTreeWalker(head, NodeFilter.SHOW_TEXT).nextNode()
  return [...text.data.matchAll(/\\S+/g)].filter(({ 0: word, index }) => {
    const range = new Range()
    range.setStart(text, index)
    range.setEnd(text, index + word.length)
    return range.getClientRects().length !== 1
  }).map(({ 0: word }) => word)
})`

/** Visible texts whose contrast with their background is below 4.5 : 1 (WCAG 2.2 §1.4.3). */
const poorContrast = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor)
      if (colour.length === 3 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const found = []
  for (const element of document.querySelectorAll('p, h1, h2, h3, th, td, span, dt, dd, a, b, summary, caption, ins, del, svg text')) {
    if (!element.checkVisibility() || ![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue
    const style = getComputedStyle(element)
    const [a, b] = [light(parse(element.closest('svg') ? style.fill : style.color)), light(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) found.push(element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2))
  }
  return [...new Set(found)]
})()`
