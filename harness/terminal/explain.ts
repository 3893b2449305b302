/** What went wrong, for people, and the exit code that goes with it. */
import { Fault, exitCodes, describeInternalError } from '../base/fault.ts'
import { printNotice } from './print.ts'

/** What the system refuses (no space, no permission, nobody who listens) is no bug. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error
}

/** Several lines, not yet plain; the stack only of what nodrop does not expect, with what to do about it. */
export function explainError(error: unknown): { text: string; exitCode: number } {
  // What went wrong first is what is to be told; cleaning up after it failed too.
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

/** Whatever nobody caught ends the process as any other error does: explained, after `prefix`, and with its exit code. */
export function explainUncaughtErrors(prefix: string): void {
  process.on('uncaughtException', (error: unknown) => {
    const { text, exitCode } = explainError(error)
    printNotice(prefix + text)
    process.exit(exitCode)
  })
}
