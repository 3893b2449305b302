/**
 * Regular expressions in time linear in the text, for any pattern: V8's engine without back-tracking, which is part of every Node but is
 * only available with a flag of the virtual machine (https://v8.dev/blog/non-backtracking-regexp). It refuses patterns that need more than
 * linear time.
 */
import { setFlagsFromString } from 'node:v8'

/** Throws a SyntaxError for an invalid regular expression, or one that this engine refuses. */
export function compileLinearPattern(pattern: string): RegExp {
  setFlagsFromString('--enable-experimental-regexp-engine')
  // oxlint-disable-next-line no-invalid-regexp -- the flag is V8's own
  return new RegExp(pattern, 'l')
}

export function isLinearPattern(pattern: string): boolean {
  try {
    compileLinearPattern(pattern)
    return true
  } catch {
    return false
  }
}
