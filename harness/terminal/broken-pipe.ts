/**
 * Output without a reader, because a pager or a terminal was closed or `head` has enough, does not end a measurement: the results are in
 * files, and a cluster must be cleaned up. (Node treats such an error of a stream as one of the program.)
 */
import { exitCodes } from '../base/fault.ts'
import { printNotice } from './print.ts'

/** Other errors of a stream, such as a full disk, do not end it either, but the exit code shows that the output is incomplete. */
export function ignoreBrokenPipe(): void {
  let failure: Error | null = null
  for (const stream of [process.stdout, process.stderr]) {
    // From a closed terminal comes EIO, which for a file means a broken disk.
    const gone = stream.isTTY ? 'EIO' : 'EPIPE'
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== gone) failure = error
    })
  }
  process.once('exit', () => {
    if (failure === null) return
    process.exitCode = exitCodes.environment
    printNotice(`nodrop: Cannot write the output: ${failure.message}`)
  })
}
