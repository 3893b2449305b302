/** The answers of a real cluster, stored in a text file, and the differences of another cluster's answers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'

export interface Answer {
  /** The request. */
  title: string
  answer: string
}
export type Recording = 'refusals' | 'stuck-pods'

export function readRecording(name: Recording): Answer[] {
  const texts = readFileSync(getRecordingPath(name), 'utf8')
    .trimEnd()
    .split(/\n\n(?=# )/)
  return texts.map((text) => {
    const end = text.indexOf('\n')
    return { title: text.slice('# '.length, end), answer: text.slice(end + 1) }
  })
}

export function writeRecording(name: Recording, answers: readonly Answer[]): void {
  writeDurably(getRecordingPath(name), answers.map(({ title, answer }) => `# ${title}\n${answer}\n`).join('\n'), 0o644)
}

/** For people: each request with a different answer, with both answers. */
export function diffAnswers(recorded: readonly Answer[], answers: readonly Answer[]): string[] {
  const here = new Map(answers.map(({ title, answer }) => [title, answer]))
  const there = new Map(recorded.map(({ title, answer }) => [title, answer]))
  const titles = [...new Set([...there.keys(), ...here.keys()])].filter((title) => there.get(title) !== here.get(title))
  return titles.map(
    (title) =>
      `✗ ${title}\n    recorded: ${there.get(title) ?? '(nothing)'}\n    here:     ${here.get(title) ?? '(nothing)'}`,
  )
}

function getRecordingPath(name: Recording): string {
  return join(import.meta.dirname, `${name}.golden.txt`)
}
