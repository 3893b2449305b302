import { Fault, exitCodes } from '../base/fault.ts'
import type { Progress } from '../measure/progress.ts'

/**
 * What arrives within so long is one interrupt: `timeout` and CI runners signal a process, then its whole group, and wrappers such as
 * npm pass on what they got besides.
 */
const sameInterruptMs = 1_000

/**
 * The first Ctrl-C (or TERM) ends the run in good order; a later one ends the process, and with it the embedded cluster. A terminal
 * that is closed says so once or several times, to every process of its job, and means no more than the first of them.
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
