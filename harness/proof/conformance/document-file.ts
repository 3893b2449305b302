/** The path of conformance.md, and its required content: the present suite with the stored results. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { cells } from './cells.ts'
import { renderDocument } from './document.ts'
import { listCommands, readGolden } from '../refusals/golden.ts'
import { exceptions, offers } from '../refusals/refusals.ts'
import { readResults } from './results.ts'
import { stuckPods } from '../refusals/stuck-pods.ts'
import { topics } from './suite.ts'

const documentPath = join(import.meta.dirname, 'conformance.md')

export function readDocument(): string {
  return readFileSync(documentPath, 'utf8')
}

export function writeDocument(): void {
  writeDurably(documentPath, renderCurrentDocument(), 0o644)
}

export function renderCurrentDocument(): string {
  const refusals = { offered: offers.length, stuck: stuckPods.length, exceptions }
  return renderDocument({ topics, cells, kubectl: listCommands(readGolden()), refusals, results: readResults() })
}
