/** Errors of reading an event log. */
import { Fault } from '../base/fault.ts'

/** A value for the text of a problem: always short, whatever the log contains. */
export function formatValue(value: unknown): string {
  if (value === undefined) return 'absent'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value)
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

const mostShown = 100

/** A line of an event log with invalid content; `line` counts from 1, 0 if it is not from a file. */
export class LogError extends Fault {
  readonly line: number
  /** What is wrong with the line, without its place. */
  readonly problem: string

  constructor(problem: string, line = 0, path = '') {
    const where = line === 0 ? '' : `line ${line}${path === '' ? '' : ` of ${path}`}: `
    super(
      'unknown',
      `Cannot read the event log: ${where}${problem}`,
      'The log was damaged or written by another version.',
    )
    this.name = 'LogError'
    this.line = line
    this.problem = problem
  }

  /** The same problem, with its place. */
  withPlace(line: number, path: string): LogError {
    return new LogError(this.problem, line, path)
  }
}
