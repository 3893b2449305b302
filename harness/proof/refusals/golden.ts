/** The kubectl session as recorded on kind, beside what another cluster gave. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/durable-file.ts'
import { normalised, written } from './kubectl-normalize.ts'
import type { Spoken } from './kubectl-session.ts'

const path = join(import.meta.dirname, 'kubectl.golden.txt')

/** One text for each command, in the order of the session. */
export function readGolden(): string[] {
  return split(readFileSync(path, 'utf8'))
}

export function writeGolden(spoken: readonly Spoken[]): void {
  writeDurably(path, written(spoken.map(normalised)), 0o644)
}

/** The same of a session just played. */
export function normalTexts(spoken: readonly Spoken[]): string[] {
  return split(written(spoken.map(normalised)))
}

/** The commands of the recording. */
export function commandsOf(texts: readonly string[]): string[] {
  return texts.map((text) => text.slice('$ kubectl '.length, text.indexOf('\n')))
}

/** For people: each command that printed something else, with its lines that only one of both has. */
export function differingLines(golden: readonly string[], texts: readonly string[]): string[] {
  return golden.flatMap((expected, index) => {
    const [head = '', ...there] = expected.split('\n')
    const here = (texts[index] ?? '').split('\n').slice(1)
    const lines = [
      ...there.filter((line) => !here.includes(line)).map((line) => `    recorded: ${line}`),
      ...here.filter((line) => !there.includes(line)).map((line) => `    here:     ${line}`),
    ]
    return lines.length > 0 ? [`✗ ${head}`, ...lines] : expected === texts[index] ? [] : [`✗ ${head}: in another order`]
  })
}

function split(text: string): string[] {
  return text.trimEnd().split(/\n\n(?=\$ kubectl )/)
}
