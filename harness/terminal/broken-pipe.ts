/**
 * Output that nobody reads any more, because a pager or a terminal was closed or `head` has enough, ends no measurement: what is
 * found is in files all the same, and a cluster is to be cleaned up. (Node takes such an error of a stream for one of the program.)
 */
import { exitCodes } from '../base/fault.ts'
import { printNotice } from './print.ts'

/** What else a stream fails by, such as a full disk, ends nothing either; but the exit code tells that there is no whole output. */
export function ignoreBrokenPipe(): void {
  let failure: Error | null = null
  for (const stream of [process.stdout, process.stderr]) {
    // From a terminal that is gone EIO comes, from a file it tells of a broken disk.
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
