/** The kubectl session as recorded on kind, beside that of another cluster. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { normalizeOutput, formatSession } from './kubectl-normalize.ts'
import type { CommandOutput } from './kubectl-session.ts'

const goldenPath = join(import.meta.dirname, 'kubectl.golden.txt')

/** One text for each command, in the order of the session. */
export function readGolden(): string[] {
  return splitCommands(readFileSync(goldenPath, 'utf8'))
}

export function writeGolden(spoken: readonly CommandOutput[]): void {
  writeDurably(goldenPath, formatSession(spoken.map(normalizeOutput)), 0o644)
}

/** The same for a session that has just been played. */
export function normalizeSession(spoken: readonly CommandOutput[]): string[] {
  return splitCommands(formatSession(spoken.map(normalizeOutput)))
}

/** The commands of the recording. */
export function listCommands(texts: readonly string[]): string[] {
  return texts.map((text) => text.slice('$ kubectl '.length, text.indexOf('\n')))
}

/** For people: each command with different output, with the lines that only one of both has. */
export function diffSessions(golden: readonly string[], texts: readonly string[]): string[] {
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

function splitCommands(text: string): string[] {
  return text.trimEnd().split(/\n\n(?=\$ kubectl )/)
}
