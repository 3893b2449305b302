/** What a disruption has changed is undone when the run is over; when that fails, people must know. */
import { Fault, getErrorMessage } from '../../base/fault.ts'

/** As `undo`, but a failure is also shown with its advice: after an interruption nothing else tells of it. */
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
