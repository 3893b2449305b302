/** Explains errors to people, with the exit code. */
import { Fault, exitCodes, describeInternalError } from '../base/fault.ts'
import { printNotice } from './print.ts'

/** An error of the system (no space, no permission, a port without a listener) is not a bug. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error
}

/** Several lines, not yet escaped; the stack only for unexpected errors, with advice. */
export function explainError(error: unknown): { text: string; exitCode: number } {
  // The first error counts; cleaning up failed too.
  if (error instanceof SuppressedError) return explainError(error.suppressed)
  if (error instanceof Fault) {
    return { text: joinLines(error.message, error.advice), exitCode: error.exitCode }
  }
  if (isSystemError(error)) {
    return { text: joinLines(`System error: ${error.message}`), exitCode: exitCodes.environment }
  }
  return { text: joinLines(describeInternalError(error)), exitCode: exitCodes.unknown }
}

function joinLines(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}

/** Any uncaught error ends the process like a caught one: explained, after `prefix`, and with its exit code. */
export function explainUncaughtErrors(prefix: string): void {
  process.on('uncaughtException', (error: unknown) => {
    const { text, exitCode } = explainError(error)
    printNotice(prefix + text)
    process.exit(exitCode)
  })
}
