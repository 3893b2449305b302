/** Undoes what a disruption has changed when the run is over, and reports a failure to do so. */
import { Fault, getErrorMessage } from '../../base/fault.ts'

/** As `undo`, but shows a failure with its advice too: after an interruption nothing else reports it. */
export function showFailedUndo(undo: () => Promise<void>, show: (line: string) => void): () => Promise<void> {
  return async () => {
    try {
      await undo()
    } catch (error) {
      show(`Not undone: ${getErrorMessage(error)}`)
      if (error instanceof Fault && error.advice !== '') show(error.advice)
      throw error
    }
  }
}
