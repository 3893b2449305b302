/**
 * The events of `--verbose`: every call of a cluster's API and every child process, published when it has ended. Without a subscriber
 * nothing is published (https://nodejs.org/api/diagnostics_channel.html).
 */
import { channel } from 'node:diagnostics_channel'
import { redactUrls } from './fault.ts'
import { formatPlural } from './figures.ts'
import { quoteShellWord } from './shell-quote.ts'

export interface ApiCallTrace {
  kind: 'api'
  method: string
  /** With the query. */
  path: string
  /** The HTTP status, or why no answer came. */
  result: number | string
  /** Until the answer's body had ended. */
  durationMs: number
}

export interface ProcessTrace {
  kind: 'process'
  /** Quoted for a shell, without secrets, and shortened. */
  command: string
  /** The exit code, the name of the signal that ended it, or why it could not be started. */
  result: number | string
  durationMs: number
}

export type Trace = ApiCallTrace | ProcessTrace

const traces = channel('nodrop:trace')

/** Calls the listener with everything that is published from now on. */
export function subscribeToTraces(listener: (trace: Trace) => void): Disposable {
  const onMessage = (message: unknown): void => listener(message as Trace)
  traces.subscribe(onMessage)
  return { [Symbol.dispose]: () => traces.unsubscribe(onMessage) }
}

/** Call it when a request is sent, and the returned function with the status or the error; only the first of these calls counts. */
export function traceApiCall(method: string, path: string): (result: number | string) => void {
  return startTrace((result, durationMs) => ({ kind: 'api', method, path, result, durationMs }))
}

export interface ProcessTraceOptions {
  /** Shows only the number of its arguments: for a program of the user's, whose secret arguments are unknown. */
  hidesArguments?: boolean
}

/** Call it when a process is spawned, and the returned function with its exit code, its signal or the error; only the first call counts. */
export function traceProcess(
  argv: readonly string[],
  { hidesArguments = false }: ProcessTraceOptions = {},
): (result: number | string) => void {
  const command = hidesArguments
    ? `${formatCommandLine(argv.slice(0, 1))} (${formatPlural(argv.length - 1, 'argument')})`
    : formatCommandLine(argv)
  return startTrace((result, durationMs) => ({ kind: 'process', command, result, durationMs }))
}

function startTrace(
  createTrace: (result: number | string, durationMs: number) => Trace,
): (result: number | string) => void {
  const began = performance.now()
  let isEnded = false
  return (result) => {
    if (isEnded || !traces.hasSubscribers) return
    isEnded = true
    traces.publish(createTrace(result, performance.now() - began))
  }
}

const hidden = '…'
const maxWordLength = 120
const secretName = /token|passw(or)?d|secret|credential|authorization|(api|access|private)[-_]?key/i

/**
 * A command line for people without secrets: values of options and variables with secret-sounding names, structured arguments, and user
 * information and queries of URLs are left out, and long words are cut.
 */
export function formatCommandLine(argv: readonly string[]): string {
  return argv.map((word, index) => formatWord(word, argv[index - 1] ?? '')).join(' ')
}

function formatWord(word: string, previous: string): string {
  if (/^--?[\w-]+$/.test(previous) && secretName.test(previous) && !word.startsWith('-')) return hidden
  if (/^[[{]/.test(word)) return hidden
  const [, name = '', value] = /^(-{0,2}[\w-]+[=:])(.*)$/s.exec(word) ?? []
  if (value !== undefined && secretName.test(name)) return name + hidden
  const shown = redactUrls(word)
  return shown.length > maxWordLength ? quoteShellWord(shown.slice(0, maxWordLength)) + hidden : quoteShellWord(shown)
}
