/** Where conformance.md is, and what must stand in it: the suite as it is, with the results that were kept. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/durable-file.ts'
import { cells } from './cells.ts'
import { renderDocument } from './document.ts'
import { commandsOf, readGolden } from '../refusals/golden.ts'
import { exceptions, offers } from '../refusals/refusals.ts'
import { readResults } from './results.ts'
import { stuckPods } from '../refusals/stuck-pods.ts'
import { topics } from './suite.ts'

const path = join(import.meta.dirname, 'conformance.md')

export function readDocument(): string {
  return readFileSync(path, 'utf8')
}

export function writeDocument(): void {
  writeDurably(path, currentDocument(), 0o644)
}

export function currentDocument(): string {
  const refusals = { offered: offers.length, stuck: stuckPods.length, exceptions }
  return renderDocument({ topics, cells, kubectl: commandsOf(readGolden()), refusals, results: readResults() })
}
