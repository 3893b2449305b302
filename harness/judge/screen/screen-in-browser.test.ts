/** The first screen in a real browser: what is visible without scrolling, and that every element stays in place at any width. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Decision } from '../../model/figures/decision.ts'
import { browserPath, launchBrowser } from '../../testing/browser.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { buildCrowdedComparison } from '../../testing/samples/crowded-comparison.ts'
import { getPageAssets } from '../report/assets.ts'
import { html } from '../report/escape-html.ts'
import { renderHtml } from '../report/render-html.ts'
import { renderGlyphDefinitions } from '../timeline/badges.ts'
import { decideRows } from '../statistics/decide-rows.ts'
import { renderScreen } from './render-screen.ts'

const folder = mkdtempSync(join(tmpdir(), 'screen-'))
const sample = buildSampleComparison()
const six = renderHtml({ title: 'six', ...sample })
const problems: string[] = []
let browser: Browser | undefined
let page: Page

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A page without its sections of runs, which are large if there are many. */
function renderAlone({ rows, runs }: typeof sample, decisions: readonly Decision[] = []): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        ${getPageAssets().style}
      </head>
      <body>
        ${renderGlyphDefinitions()}
        <main>${renderScreen({ title: 'alone', rows, runs, question: 'Which is safe?', notes: [], decisions })}</main>
      </body>
    </html>`.toString()
}

async function open(name: string, content: string, size: [number, number]): Promise<void> {
  const path = join(folder, `${name}.html`)
  writeFileSync(path, content)
  await page.setViewportSize({ width: size[0], height: size[1] })
  await page.goto(pathToFileURL(path).href)
}

/** Lower and right edges of the elements that match a selector, in CSS pixels from the corner of the window. */
async function findEdges(selector: string): Promise<{ right: number; bottom: number }[]> {
  return await page
    .locator(selector)
    .evaluateAll((found) =>
      found.map((one) => one.getBoundingClientRect()).map(({ right, bottom }) => ({ right, bottom })),
    )
}

async function expectWithinWindow(selector: string, count: number): Promise<void> {
  const { width, height } = page.viewportSize()!
  const edges = await findEdges(selector)
  expect([selector, edges.length]).toEqual([selector, count])
  for (const { right, bottom } of edges) {
    expect([selector, right <= width, bottom <= height, bottom]).toEqual([selector, true, true, bottom])
  }
}

describe.skipIf(browserPath === undefined)(`first screen in ${browserPath ?? 'a browser (none is installed)'}`, () => {
  beforeAll(async () => {
    browser = await launchBrowser()
    page = await browser.newPage()
    page.on('console', (message) => problems.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`request: ${request.url()}`)
    })
  })

  test('1440 × 900: the safe one, how sure that is, and lost and cause of all six rows without scrolling', async () => {
    await open('six', six, [1440, 900])
    expect(await page.locator('.row h3 a').allTextContents()).toEqual([
      'graceful',
      'sleep',
      'nginx-quit',
      'naive',
      'exec',
      'app-first',
    ])
    expect(await page.locator('h1 em').textContent()).toBe('graceful')
    expect(await page.locator('.ruler text.now').allTextContents()).toEqual(['1', '≤ 95 %'])
    for (const [selector, count] of [
      ['h1 em', 1],
      ['.ruler text.now', 2],
      ['.row h3', 6],
      ['.row .figure', 6],
      ['.row .strip', 6],
      ['.row .cause', 6],
    ] as const)
      await expectWithinWindow(selector, count)
    expect(problems).toEqual([])
  })

  test('390 × 844: the same of the first row', async () => {
    await open('six', six, [390, 844])
    for (const selector of ['h1 em', '.row:first-child h3', '.row:first-child .figure', '.row:first-child .cause'])
      await expectWithinWindow(selector, 1)
    await expectWithinWindow('.ruler text.now', 2)
  })

  test('a row leads to its worst run; what to change can be opened and copied', async () => {
    await open('six', six, [1280, 800])
    const naive = page.locator('.row', { has: page.locator('h3', { hasText: 'naive' }) })
    await naive.locator('summary').click()
    expect(await naive.locator('.patch ins').allTextContents()).toContainEqual(expect.stringMatching(/^\+ .*sleep 8/m))
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await naive.locator('.copy').click()
    await expect.poll(() => naive.locator('.copy').textContent()).toBe('Copied')
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await naive.locator('.patch pre').textContent())
    await naive.locator('h3 a').click()
    expect(await page.locator('details.run[open] h3').allTextContents()).toContain('naive')
    expect(await page.locator('.row.r-passed .patch').count()).toBe(0)
    expect(problems).toEqual([])
  })

  const widths = [360, 390, 420, 421, 560, 700, 820, 821, 960, 1080, 1120, 1121, 1200, 1201, 1366, 1600, 1920]
  test.each(['six', 'crowded'])(
    '%s: nothing crosses its container from 360 to 1920 px',
    { timeout: 60_000 },
    async (which) => {
      await open(which, renderAlone(which === 'six' ? sample : buildCrowdedComparison()), [360, 800])
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 })
        expect([width, await page.evaluate(findMisplaced)]).toEqual([width, []])
      }
      expect(problems).toEqual([])
    },
  )

  test('drawings say what they show; colour is not all that tells a loss', async () => {
    await open('crowded', renderAlone(buildCrowdedComparison()), [1280, 800])
    const silent = page.locator('.screen svg:not([role=img][aria-label]):not([aria-hidden=true]):not(svg svg)')
    expect(await silent.count()).toBe(0)
    const says = await page
      .locator('.row')
      .evaluateAll((rows) =>
        rows.map((row) => [row.className, row.querySelector('.drop')?.getAttribute('aria-label') ?? '']),
      )
    expect(new Set(says.map((one) => one.join(': ')))).toEqual(
      new Set(['row r-passed: lost nothing', 'row r-failed: lost requests', 'row r-unknown: not known']),
    )
  })

  test('which configurations differ stands below the rows', async () => {
    await open('six', renderAlone(sample, decideRows(sample.rows)), [1280, 800])
    expect(await page.locator('ul.decided li').allTextContents()).toEqual([
      expect.stringMatching(/^~ none of 15 pairs is decided/),
    ])
  })

  test('paper: no row is broken between two pages', async () => {
    await open('six', renderAlone(sample), [1280, 800])
    await page.emulateMedia({ media: 'print' })
    const breaks = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.row')].map((row) => getComputedStyle(row).breakInside)`,
    )
    expect(new Set(breaks)).toEqual(new Set(['avoid']))
    await page.emulateMedia({ media: 'screen' })
  })
})

/** Elements that leave their box, and texts of one drawing that touch; elements that scroll may be wider. */
const findMisplaced = `(() => {
  const found = []
  const name = (one) => one.tagName + '.' + (one.getAttribute('class') ?? '') + ' ' + one.textContent.slice(0, 30).trim()
  if (document.documentElement.scrollWidth > innerWidth) found.push('page is ' + document.documentElement.scrollWidth)
  const boxes = [...document.querySelectorAll('.head, .head > *, .lab, .row, .row > *, .sum')]
  for (const box of boxes) {
    const frame = box.getBoundingClientRect()
    for (const one of box.querySelectorAll('*')) {
      if (!one.checkVisibility() || one.closest('pre') || (one.closest('svg') && !one.closest('text'))) continue
      const { left, right, top, bottom, width } = one.getBoundingClientRect()
      if (width > 0 && (left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1))
        found.push(name(one) + ' leaves ' + name(box).slice(0, 24))
    }
  }
  for (const drawing of document.querySelectorAll('.screen svg')) {
    const texts = [...drawing.querySelectorAll('text')].filter((text) => text.checkVisibility())
    const places = texts.map((text) => text.getBoundingClientRect())
    places.forEach((a, index) => places.slice(index + 1).forEach((b, after) => {
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
        found.push(name(texts[index]) + ' touches ' + name(texts[index + 1 + after]))
    }))
  }
  return [...new Set(found)]
})()`
