/** A page in a real browser, with everything that went wrong or went out while it was open. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface OpenedPage extends AsyncDisposable {
  page: Page
  /** What it printed, threw, asked or fetched: nothing, of a report. */
  complaints: string[]
}

/** Opens the address in a context of its own, which goes with the page. Throws where no browser runs. */
export async function openPage(
  browser: Browser | undefined,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  if (browser === undefined) throw new Error('Cannot open a page: no browser runs')
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (request.url() !== url.replace(/#.*/, '') && request.url() !== 'data:,')
      complaints.push(`request: ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}
