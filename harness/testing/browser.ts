import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** The first installed browser that set-up accepts; without one, tests that need it are reported as skipped. */
export const browserPath: string | undefined = ['chromium', 'google-chrome', 'google-chrome-stable']
  .map((name) => `/usr/bin/${name}`)
  .find((path) => existsSync(path))

/** A browser that makes no requests of its own; close it with `await using`. */
export async function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined)
    throw new Error('Cannot launch a browser: found neither Chromium nor Chrome in /usr/bin')
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
