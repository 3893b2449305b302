/** The page's script and style sheets, read and bundled once: the same bytes in every report. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { isPackaged } from '../../base/program-path.ts'
import { trustMarkup } from './escape-html.ts'
import type { Html } from './escape-html.ts'

/** Whole elements: a hash covers every byte between the tags, so no template may indent them. */
export interface PageAssets {
  scripts: Html[]
  style: Html
  /** Content of the CSP `<meta>`. */
  policy: Html
}

/** The style sheets of each page, in cascade order. */
const pageSheets = {
  history: ['page/colours', 'page/page', 'exports/history'],
  report: [
    ...['colours', 'page', 'comparison', 'differences', 'run', 'timeline', 'tables', 'story'].map(
      (name) => `page/${name}`,
    ),
    ...['bar', 'parts', 'explore'].map((name) => `explore/${name}`),
    ...['media', 'screen/head', 'screen/rows', 'screen/strip', 'screen/fit', 'print'].map((name) => `page/${name}`),
  ],
} as const satisfies Record<string, readonly string[]>

export type PageName = keyof typeof pageSheets
export const pageNames = Object.keys(pageSheets) as PageName[]

/** For a page without scripts. */
export function getStaticAssets(page: PageName): Omit<PageAssets, 'scripts'> {
  return createAssets(readStyle(page), [])
}

/** The policy allows only this style sheet and these scripts, by their hashes. */
function createAssets(style: string, scripts: readonly string[]): PageAssets {
  const scriptSources = scripts.length === 0 ? '' : `script-src ${scripts.map(computeSourceHash).join(' ')}; `
  const policy = `default-src 'none'; ${scriptSources}style-src ${computeSourceHash(style)}; img-src data:; base-uri 'none'; form-action 'none'`
  return {
    scripts: scripts.map((script) => trustMarkup(`<script>${script}</script>`)),
    style: trustMarkup(`<style>${style}</style>`),
    policy: trustMarkup(policy),
  }
}

let cachedAssets: PageAssets | undefined

/** Reads and bundles on the first call. */
export function getPageAssets(): PageAssets {
  cachedAssets ??= loadAssets()
  return cachedAssets
}

function loadAssets(): PageAssets {
  const { resolve } = createRequire(import.meta.url)
  const plotScript = resolve('uplot/dist/uPlot.iife.min.js')
  const plotStyle = resolve('uplot/dist/uPlot.min.css')
  const style = `${readFileSync(plotStyle, 'utf8')}\n${readStyle('report')}`
  const scripts = [readFileSync(plotScript, 'utf8'), isPackaged ? readPackedScript() : bundleScripts()]
  for (const text of [...scripts, style]) {
    if (/<\/(script|style)|<!--/i.test(text))
      throw new Error('Cannot put a file into the page that ends its own element')
  }
  return createAssets(style, scripts)
}

/** In a package it is one file. */
function readStyle(page: PageName): string {
  return isPackaged ? readSheet(`page/${page}`) : bundleStyle(page)
}

export function bundleStyle(page: PageName): string {
  return pageSheets[page].map(readSheet).join('')
}

function readSheet(path: string): string {
  return readFileSync(new URL(`../${path}.css`, import.meta.url), 'utf8')
}

/** Already bundled by `bundleScripts`: bundling it again would give other bytes. */
function readPackedScript(): string {
  return readFileSync(new URL('../page/page.js', import.meta.url), 'utf8')
}

export function bundleScripts(): string {
  const folder = fileURLToPath(new URL('../page/', import.meta.url))
  const { outputFiles } = buildSync({
    entryPoints: ['page.js'],
    // Paths in the output are relative to this one, so the bytes do not depend on the working directory.
    absWorkingDir: folder,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    minifySyntax: true,
    minifyWhitespace: true,
    tsconfigRaw: '{}',
    write: false,
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error('Cannot bundle the page’s script: esbuild gave no output')
  return output.text
}

/** `'sha256-…'` in the form of CSP Level 3 §2.3.1. */
function computeSourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
