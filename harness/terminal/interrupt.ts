import { Fault, exitCodes } from '../base/fault.ts'
import type { Progress } from '../measure/progress.ts'

/**
 * Signals within this time are one interrupt: `timeout` and CI runners signal a process, then its whole group, and wrappers such as npm
 * also pass on what they got.
 */
const sameInterruptMs = 1_000

/**
 * The first Ctrl-C (or TERM) ends the run properly; a later one ends the process, and with it the embedded cluster. A terminal that is
 * closed signals every process of its job, once or several times, which never counts as more than the first.
 */
export function handleInterrupts(
  progress: Pick<Progress, 'say'>,
  how = 'letting requests in flight finish and writing the report',
): AbortSignal {
  const controller = new AbortController()
  let firstMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        firstMs = performance.now()
        progress.say(`Interrupted: ${how}. Interrupt again to exit at once.`)
        controller.abort(new Fault('interrupted', 'interrupted'))
      } else if (signal !== 'SIGHUP' && performance.now() - firstMs > sameInterruptMs)
        process.exit(exitCodes.interrupted)
    })
  }
  return controller.signal
}
