/** A page in a real browser, with all errors and requests while it was open. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface OpenedPage extends AsyncDisposable {
  page: Page
  /** Messages, errors and requests of the page: a report has none. */
  problems: string[]
}

/** Opens the address in a separate context, which is closed with the page. Throws where no browser runs. */
export async function openPage(
  browser: Browser | undefined,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  if (browser === undefined) throw new Error('Cannot open a page: no browser runs')
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => problems.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => problems.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (request.url() !== url.replace(/#.*/, '') && request.url() !== 'data:,')
      problems.push(`request: ${request.url()}`)
  })
  await page.goto(url)
  return { page, problems, [Symbol.asyncDispose]: () => context.close() }
}
