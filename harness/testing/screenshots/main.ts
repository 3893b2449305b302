/**
 * `npm run screenshots [-- DIRECTORY]`: pictures of the first screen of a report, for docs/. From the run or comparison in DIRECTORY,
 * judged again as by `nodrop report`, or from the sample comparison of the tests.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import { renderHtml } from '../../judge/report/render-html.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { launchBrowser } from '../browser.ts'
import { buildSampleComparison } from '../samples/sample-analyses.ts'

const folder = join(import.meta.dirname, '../../../docs/screenshots')
/** Sizes in CSS pixels; `scale`: pixels of the picture for each, so that text is sharp when it is shown smaller. */
const screens = [
  { name: 'wide', width: 1440, height: 900, scale: 1.5 },
  { name: 'phone', width: 390, height: 844, scale: 2 },
]
/** Everyone who clones the repository gets the documents. */
const maxBytes = 150 * 1024

async function readReport(directory: string | undefined): Promise<string> {
  if (directory === undefined) return renderHtml({ title: 'sample', ...buildSampleComparison() })
  const { report } = await judgeDirectory(resolve(directory))
  if (report === null) throw new Error(`Cannot write the report of ${directory}`)
  return readFileSync(report, 'utf8')
}

async function takePicture(
  browser: Browser,
  page: string,
  { screen, colorScheme }: { screen: (typeof screens)[number]; colorScheme: 'light' | 'dark' },
): Promise<void> {
  const { width, height, scale } = screen
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme })
  try {
    const tab = await context.newPage()
    await tab.setContent(page)
    // Chromium returns WebP, with a third of the bytes of PNG, only by its own protocol.
    const session = await context.newCDPSession(tab)
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 })
    const bytes = Buffer.from(data, 'base64')
    const path = join(folder, `report-${screen.name}-${colorScheme}.webp`)
    if (bytes.length > maxBytes) throw new Error(`${path} would have ${bytes.length} bytes: ${maxBytes} are allowed`)
    writeFileSync(path, bytes)
    process.stdout.write(`${path}: ${bytes.length} bytes\n`)
  } finally {
    await context.close()
  }
}

const { positionals } = readToolOptions({
  name: 'screenshots',
  does: 'makes the pictures of docs/, of the run or comparison in a directory, or of a sample',
  options: {},
  words: '[DIRECTORY]',
})
const page = await readReport(positionals[0])
mkdirSync(folder, { recursive: true })
await using browser = await launchBrowser()
for (const screen of screens)
  for (const colorScheme of ['light', 'dark'] as const) await takePicture(browser, page, { screen, colorScheme })
