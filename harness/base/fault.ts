/** Exit codes of the command line; see the README for the same list. */
export const exitCodes = { ok: 0, gate: 1, usage: 2, environment: 3, unknown: 4, interrupted: 130 } as const
export type FaultKind = 'usage' | 'environment' | 'unknown' | 'interrupted'

/**
 * An error for people: what was attempted and found, and what to do about it. Any other error that reaches the command line is an internal
 * error.
 */
export class Fault extends Error {
  readonly kind: FaultKind
  /** What to do, in one sentence or a few lines; empty if nothing can be done. */
  readonly advice: string

  constructor(kind: FaultKind, message: string, advice = '', options?: ErrorOptions) {
    super(redactUrls(message), options)
    this.name = 'Fault'
    this.kind = kind
    this.advice = redactUrls(advice)
  }

  get exitCode(): number {
    return exitCodes[this.kind]
  }
}

/** The message of any thrown value. */
export function getErrorMessage(error: unknown): string {
  return redactUrls(error instanceof Error ? error.message : String(error))
}

/** Why the system refused something, for example `no space left on device (ENOSPC)`; the message of any other error. */
export function describeSystemError(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return getErrorMessage(error)
  const code = String(error.code)
  // `ENOSPC: no space left on device, write` and `EACCES: permission denied, open '/x'` contain the call and the path again; `cpSync` has
  // `EFBIG, File too large '/x'`.
  const call = 'syscall' in error ? String(error.syscall) : ''
  const words = new RegExp(`^${code}(?:: (.*?), ${call}\\b|, (.*?) ')`).exec(error.message)?.slice(1).join('')
  return words === undefined ? getErrorMessage(error) : `${words.slice(0, 1).toLowerCase()}${words.slice(1)} (${code})`
}

/** The text with all user information and queries of URLs removed, because both may contain credentials. */
export function redactUrls(text: string): string {
  return text.replaceAll(
    urlPattern,
    (_, scheme: string, place: string, query?: string) => scheme + place + (query ? '?…' : ''),
  )
}

/** Scheme, user information, place, query. Lengths are limited, so that the time is linear in the text. */
const urlPattern = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/?#"'<>]{0,2000}@)?([^\s?#"'<>]*)(\?[^\s#"'<>]*)?/gi
/** An unexpected error with its stack, and what its reader can do. */
export function describeInternalError(error: unknown): string {
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return (
    `Internal error (please report): ${story}\n` +
    'Run the same command again. If this comes back, report these lines together with the command; what has been ' +
    'measured so far can be judged by nodrop report.'
  )
}
