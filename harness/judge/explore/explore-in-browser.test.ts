/** All that is one click away, in a real browser: links, zoom, the list of requests, configurations side by side, paper. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatCount } from '../../base/figures.ts'
import { buildSampleComparison, changeComparison } from '../../testing/samples/sample-analyses.ts'
import { browserPath, launchBrowser } from '../../testing/browser.ts'
import { openPage as openPageIn } from '../../testing/open-page.ts'
import type { OpenedPage } from '../../testing/open-page.ts'
import { sortByDue } from '../losses/payload.ts'
import { renderHtml } from '../report/render-html.ts'

const folder = mkdtempSync(join(tmpdir(), 'report-explore-'))
const sample = buildSampleComparison()
const naive = sample.runs.find(({ analysis }) => analysis.configuration === 'naive')!.analysis
const allLost = sample.runs.reduce((sum, { analysis }) => sum + analysis.losses.length, 0)
const exec = sample.runs.find(({ analysis }) => analysis.configuration === 'exec')!.analysis
/** A browser is slow on a busy machine. */
const soon = { timeout: 20_000 }
let browser: Browser | undefined
let url = ''
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

function writeReport(name: string, report: Parameters<typeof renderHtml>[0]): { url: string; bytes: number } {
  const path = join(folder, `${name}.html`)
  writeFileSync(path, renderHtml(report))
  return { url: pathToFileURL(path).href, bytes: statSync(path).size }
}

const open = (hash = '', options: BrowserContextOptions = {}): Promise<OpenedPage> =>
  openPageIn(browser, url + hash, options)
const readHash = (page: Page): Promise<string> => page.evaluate('location.hash')
const locateRun = (page: Page, runId: string) => page.locator(`details.run[data-run="${runId}"]`)
const listTicks = (page: Page) => locateRun(page, naive.runId).locator('svg.plot text.axis').allTextContents()
const countRows = (page: Page) => page.locator('[data-requests] tbody tr').count()
const readCount = (page: Page) => page.locator('[data-requests] [role=status]').first().textContent()

/** Opens all closed elements, and waits until they are drawn. */
async function openAll(page: Page): Promise<void> {
  await page.locator('details').evaluateAll((each) => each.forEach((one) => one.setAttribute('open', '')))
  await page.locator('details.run .body').last().waitFor()
  await page.locator('details').evaluateAll((each) => each.forEach((one) => one.setAttribute('open', '')))
  await page.locator('[data-requests]').scrollIntoViewIfNeeded()
  await page.locator('[data-requests] tbody tr').first().waitFor()
}

describe.skipIf(browserPath === undefined)(`report in ${browserPath ?? 'a browser (none is installed)'}`, () => {
  beforeAll(async () => {
    browser = await launchBrowser()
    url = writeReport('six', { title: 'six', ...sample }).url
  })

  test('bar: leads to each part, and marks the one that is looked at', async () => {
    await using opened = await open()
    const { page, problems } = opened
    const links = page.locator('nav.bar ul a')
    expect(await links.allTextContents()).toEqual([
      'Which is safe',
      'What happened',
      'Why and what to do',
      'Lost requests',
      'How it was measured',
    ])
    expect(await page.locator('nav.bar [aria-current]').allTextContents()).toEqual(['Which is safe'])
    await links.nth(2).click()
    await expect
      .poll(() => page.locator('nav.bar [aria-current]').allTextContents(), soon)
      .toEqual(['Why and what to do'])
    expect(await page.evaluate('document.activeElement.id')).toBe('why')
    expect(await page.locator('#why').evaluate((part) => part.getBoundingClientRect().top)).toBeGreaterThanOrEqual(48)
    expect(problems).toEqual([])
  })

  test('colours: light or dark by choice, whatever the system has', async () => {
    await using opened = await open('', { colorScheme: 'dark' })
    const { page } = opened
    const readGround = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const dark = await readGround()
    await page.locator('[data-theme-toggle]').click()
    const light = await readGround()
    expect(light).not.toBe(dark)
    expect(await page.locator('[data-theme-toggle]').getAttribute('aria-pressed')).toBe('false')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.locator('[data-theme-toggle]').click()
    expect(await readGround()).toBe(dark)
    await page.reload()
    expect(await readGround()).toBe(dark)
  })

  test('timeline: a dragged part is drawn larger, has a link, and lists its requests', async () => {
    await using opened = await open(`#run=${naive.runId}`)
    const { page, problems } = opened
    const run = locateRun(page, naive.runId)
    const whole = await listTicks(page)
    const plot = (await run.locator('svg.plot').boundingBox())!
    await page.mouse.move(plot.x + 300, plot.y + 60)
    expect(await page.locator('.hover p').first().textContent()).toMatch(
      /^[+−]\d+\.\d{3} s, (before|during) the disruption$/,
    )
    await page.mouse.down()
    await page.mouse.move(plot.x + 400, plot.y + 60)
    await page.mouse.move(plot.x + 500, plot.y + 60)
    await page.mouse.up()
    const part = await listTicks(page)
    expect(part).not.toEqual(whole)
    const hash = await readHash(page)
    const [from, to] = ['from', 'to'].map((name) => Number(new URLSearchParams(hash.slice(1)).get(name)))
    const { originUs } = { originUs: naive.phases[1]!.fromUs }
    const inPart = naive.losses.filter(
      ({ lostUs }) => lostUs >= originUs + from! * 1e6 && lostUs <= originUs + to! * 1e6,
    ).length
    expect(await run.locator('.m').count()).toBe(inPart)
    expect(await run.locator('.tools a').textContent()).toBe(`${inPart} lost requests here`)

    await using again = await open(hash)
    expect(await listTicks(again.page)).toEqual(part)
    await run.locator('.tools a').click()
    expect(await readCount(page)).toBe(`${inPart} of ${formatCount(allLost)} lost requests`)
    await page.goBack()
    await expect.poll(() => listTicks(page), soon).toEqual(part)
    await run.locator('.tools button', { hasText: 'Whole run' }).click()
    expect(await listTicks(page)).toEqual(whole)
    expect([...problems, ...again.problems]).toEqual([])
  })

  test('lost requests: filters, a link of them, the story of one, and back', async () => {
    await using opened = await open('#requests')
    const { page, problems } = opened
    await page.locator('select[name=configuration]').selectOption('naive')
    await page.locator('select[name=outcome]').selectOption('unreachable')
    const wanted = sortByDue(naive.losses).filter(({ outcome }) => outcome === 'unreachable')
    expect(await countRows(page)).toBe(Math.min(50, wanted.length))
    expect(await readHash(page)).toBe('#requests&configuration=naive&outcome=unreachable')
    await page.locator('[data-requests] tbody a').first().click()
    const { driver, seq } = wanted[0]!.request
    expect(await page.locator('#story h2').textContent()).toBe(`Request ${driver}-${seq}: unreachable`)
    expect(await readHash(page)).toBe(`#run=${naive.runId}&req=${driver}-${seq}`)
    await page.goBack()
    await expect.poll(() => page.locator('#story').isVisible(), soon).toBe(false)
    expect(await readCount(page)).toContain(`${wanted.length} of `)
    await using again = await open('#requests&configuration=naive&outcome=unreachable&pod=nowhere')
    expect(await readCount(again.page)).toMatch(/^0 of /)
    await again.page.locator('button', { hasText: 'Clear filters' }).click()
    expect(await countRows(again.page)).toBe(50)
    expect([...problems, ...again.problems]).toEqual([])
  })

  test('a story and a list are copied as text', async () => {
    await using opened = await open(`#requests&run=${naive.runId}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const { page, problems } = opened
    const readClipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
    await page.locator('button', { hasText: 'Copy list as text' }).click()
    await expect.poll(readClipboard, soon).toMatch(/^run\trequest\toutcome\t/)
    expect((await readClipboard()).trimEnd().split('\n')).toHaveLength(naive.losses.length + 1)
    await page.locator('[data-requests] tbody a').first().click()
    await page.locator('#story button', { hasText: 'Copy as text' }).click()
    await expect.poll(readClipboard, soon).toMatch(new RegExp(`^Request .*\\(naive, round 1, run ${naive.runId}\\)\n`))
    await page.keyboard.press('Escape')
    await page.locator('[data-copy-link]').click()
    await expect.poll(readClipboard, soon).toBe(`${url}#run=${naive.runId}`)
    expect(problems).toEqual([])
  })

  test('side by side: any two configurations, by choice and by link', async () => {
    await using opened = await open('#compare&a=exec&b=sleep')
    const { page, problems } = opened
    const pairs = page.locator('#compare')
    expect(await pairs.locator('thead th').allTextContents()).toEqual(['figure', 'exec', 'sleep'])
    const lost = pairs.locator('tbody tr', { has: page.locator('th', { hasText: /^Lost$/ }) })
    expect(await lost.locator('td').first().textContent()).toBe(String(exec.ledger.lost))
    expect(await pairs.locator('ins').allTextContents()).toContainEqual(expect.stringMatching(/sleep/))
    await pairs.locator('button', { hasText: 'Swap' }).click()
    expect(await pairs.locator('del').allTextContents()).toContainEqual(expect.stringMatching(/sleep/))
    expect(await readHash(page)).toBe('#compare&a=sleep&b=exec')
    await pairs.locator('select').first().selectOption({ label: 'exec' })
    expect(await pairs.locator('p', { hasText: 'Objects:' }).textContent()).toContain('the same objects and images')
    expect(problems).toEqual([])
  })

  test.each([
    ['latency-by-lane-and-phase', 'details'],
    ['what-the-verdict-rests-on', null],
    ['percentiles', 'figure'],
  ])('link: show=%s opens it and moves the focus there', async (name, element) => {
    await using opened = await open(`#run=${exec.runId}&show=${name}`)
    const { page } = opened
    const run = locateRun(page, exec.runId)
    expect(await run.getAttribute('open')).toBe('')
    const shown = run.locator(`[data-show=${name}]`)
    if (element === null) {
      expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY')
      return
    }
    expect(await shown.evaluate((one) => one.contains(one.ownerDocument.activeElement))).toBe(true)
    expect(await shown.evaluate((one) => one.getBoundingClientRect().top)).toBeLessThan(900)
    if (element === 'details') expect(await shown.getAttribute('open')).toBe('')
  })

  test.each(['light', 'dark'] as const)(
    'axe: no violation with everything open, %s',
    { timeout: 120_000 },
    async (colorScheme) => {
      const few = new Set(['naive', 'graceful'])
      const two = sample.runs.filter(({ analysis }) => few.has(analysis.configuration))
      const { url: small } = writeReport('two', { title: 'two', ...changeComparison({ runs: two }, () => ({})) })
      await using opened = await openPageIn(browser, `${small}#run=${naive.runId}`, { colorScheme })
      const { page } = opened
      await openAll(page)
      await locateRun(page, naive.runId).locator('.m[tabindex="0"]').focus()
      await page.keyboard.press('Enter')
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
      const found: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
        `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))`,
      )
      expect(found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    },
  )

  test('at any width nothing crosses its container, with everything open', async () => {
    await using opened = await open(`#run=${naive.runId}`)
    const { page, problems } = opened
    await openAll(page)
    for (const width of [360, 390, 768, 1121, 1440, 1920]) {
      await page.setViewportSize({ width, height: 844 })
      expect([width, await page.evaluate(findCrossing)]).toEqual([width, []])
    }
    expect(problems).toEqual([])
  })

  test('paper: six runs on at most eight pages, every chart drawn', async () => {
    await using opened = await open()
    const { page, problems } = opened
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    expect(await page.locator('details.run[open] canvas').count()).toBe(12)
    expect(await page.evaluate(countBlankCharts)).toBe(0)
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(8)
    expect(problems).toEqual([])
  })

  test('forty runs: at most 3 MB, and at most 8,000 nodes when it is opened', async () => {
    const { runs } = buildSampleComparison(20)
    const two = changeComparison(
      { runs: runs.filter(({ analysis }) => ['naive', 'graceful'].includes(analysis.configuration)) },
      () => ({}),
    )
    expect(two.runs).toHaveLength(40)
    const { url: large, bytes } = writeReport('forty', { title: 'forty', ...two })
    expect(bytes).toBeLessThanOrEqual(3_000_000)
    await using opened = await openPageIn(browser, large)
    const { page, problems } = opened
    expect(await page.evaluate(`document.querySelectorAll('*').length`)).toBeLessThanOrEqual(8_000)
    expect(await page.locator('ul.rounds').first().locator('li').count()).toBe(20)
    expect(problems).toEqual([])
  })
})

/** Elements that are wider than their container, unless that scrolls. */
const findCrossing = `(() => {
  const found = []
  const hidden = [...document.querySelectorAll('thead, caption')].filter((one) => getComputedStyle(one).clipPath !== 'none')
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg') !== null || element.closest('.defs, [hidden]') !== null || !element.checkVisibility()) continue
    // Elements for screen readers only are cut to a pixel.
    if (hidden.some((one) => one.contains(element))) continue
    const style = getComputedStyle(element)
    if (style.position === 'absolute' || style.position === 'fixed') continue
    if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && style.overflowX === 'visible' && style.display !== 'inline')
      found.push(element.tagName + '.' + element.className + ' ' + element.scrollWidth + ' in ' + element.clientWidth)
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('page ' + document.documentElement.scrollWidth)
  return [...new Set(found)]
})()`

const countBlankCharts = `[...document.querySelectorAll('canvas')].filter((canvas) =>
  !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0)).length`
