/** The stored results of the plays, and the document that is made from them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { renderServersPage } from './servers-page.ts'
import type { ServerCluster, ServerMark, ServerResults } from './server-mark.ts'

const resultsPath = join(import.meta.dirname, 'results.json')
const pagePath = join(import.meta.dirname, '../../../docs/foreign-servers.md')

export function readServerResults(): ServerResults {
  if (!existsSync(resultsPath)) return { local: {}, kind: {} }
  return JSON.parse(readFileSync(resultsPath, 'utf8')) as ServerResults
}

/** Stores one play, and makes the document again. */
export function saveServerMark(cluster: ServerCluster, play: string, mark: ServerMark): void {
  const results = readServerResults()
  results[cluster][play] = mark
  writeDurably(resultsPath, `${JSON.stringify(results, null, 2)}\n`, 0o644)
  writeServersPage()
}

export function writeServersPage(): void {
  writeDurably(pagePath, renderServersPage(readServerResults()), 0o644)
}
