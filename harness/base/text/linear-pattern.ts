/**
 * Regular expressions whose time is proportional to the text, whatever both of them are: V8's engine without back-tracking, which is part of
 * every Node but only lets itself be asked for by a flag of the virtual machine (https://v8.dev/blog/non-backtracking-regexp). It refuses
 * what it cannot do in linear time.
 */
import { setFlagsFromString } from 'node:v8'

/** Throws a SyntaxError for what is no regular expression, or is none of these. */
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
