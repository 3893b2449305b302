/** The standard output of a container, line by line, each with the time at which the container runtime got it. */
import { StringDecoder } from 'node:string_decoder'
import { pause } from '../../base/polling.ts'
import { waitUntil } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'

export interface OutputLine {
  /** Wall clock in ms, from the container runtime's stamp. */
  atMs: number
  text: string
}

export interface ContainerOutput {
  readonly lines: readonly OutputLine[]
  /** The first line with this text. Rejects when the case's time is over before it comes. */
  waitForLine(text: string): Promise<OutputLine>
  /** The value after the first `<text> <seconds>`: bash's `$EPOCHREALTIME`, in ms. Rejects like `waitForLine`. */
  readTimeMs(text: string): Promise<number>
  /** For a pod that is gone: resolves when its last output has come, which may be after the news of its end. */
  waitForEnd(): Promise<void>
}

/**
 * Follows a container's log from its first line through all its restarts. The API returns one instance at a time, so a line of an instance
 * that ended within a fraction of a second may be missed when the next one starts at once.
 */
export function followOutput(scene: CaseContext, pod: string, container: string): ContainerOutput {
  const lines: OutputLine[] = []
  const known = new Set<string>()
  const takeLine = (raw: string): void => {
    if (known.has(raw)) return
    known.add(raw)
    const space = raw.indexOf(' ')
    const atMs = parseTimestamp(raw.slice(0, space))
    if (!Number.isNaN(atMs)) lines.push({ atMs, text: raw.slice(space + 1) })
  }
  let refusals = 0
  const countRefusal = (): unknown => refusals++
  void followInstances(scene, `${pod}/log?container=${container}&follow=true&timestamps=true`, {
    onLine: takeLine,
    onRefused: countRefusal,
  })
  const waitForText = <T>(text: string, ask: () => T | undefined): Promise<T> =>
    waitUntil(
      scene,
      `${pod}/${container} to say "${text}"; it said ${JSON.stringify(lines.map(({ text }) => text))}`,
      ask,
    )
  return {
    lines,
    waitForLine: (text) => waitForText(text, () => lines.find((line) => line.text === text)),
    readTimeMs: async (text) => {
      const line = await waitForText(text, () => lines.find((line) => line.text.startsWith(`${text} `)))
      return Number(line.text.slice(text.length + 1)) * 1000
    },
    waitForEnd: async () => {
      const before = refusals
      await waitUntil(scene, `the log of ${pod}/${container} to end`, () => (refusals > before ? true : undefined))
    },
  }
}

/** Called with each line, and each time that there was no log to follow. */
interface OutputListener {
  onLine: (raw: string) => void
  onRefused: () => void
}

async function followInstances(
  { api, namespace, signal }: CaseContext,
  rest: string,
  { onLine, onRefused }: OutputListener,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await api.open({ path: `/api/v1/namespaces/${namespace}/pods/${rest}`, signal })
      if (response.statusCode !== 200) {
        response.resume()
        onRefused()
      } else {
        const decoder = new StringDecoder('utf8')
        let left = ''
        for await (const chunk of response) {
          const raw = (left + decoder.write(chunk as Buffer)).split('\n')
          left = raw.pop() ?? ''
          for (const line of raw) onLine(line)
        }
      }
    } catch {
      // It does not exist yet, was cut off, or the case is over: the loop's condition decides.
    }
    await pause(50, signal)
  }
}

/** RFC 3339 with nanoseconds, while Date.parse keeps whole milliseconds only. */
function parseTimestamp(stamp: string): number {
  const [, whole = '', fraction = '0', zone = ''] = /^([^.Z+]+)(?:\.(\d+))?(Z|[+-].*)$/.exec(stamp) ?? []
  return Date.parse(whole + zone) + Number(`0.${fraction}`) * 1000
}
