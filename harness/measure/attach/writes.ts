/** Requests that may write are only sent to a target in use if that is allowed. */
import { Fault } from '../../base/fault.ts'
import { isSafe } from '../../model/load/client.ts'
import type { Method } from '../../model/load/client.ts'

/** Throws a usage Fault that names the first method that may write, unless that is `allowed`. */
export function rejectWrites(
  requests: readonly { method?: Method }[],
  { allowed, scenario }: { allowed: boolean; scenario: string },
): void {
  const writing = requests.find(({ method = 'GET' }) => !isSafe(method))?.method
  if (writing === undefined || allowed) return
  const advice = 'Give --allow-writes, if what it writes does no harm there.'
  throw new Fault('usage', `Cannot send ${writing} to a target, as it may write (scenario ${scenario})`, advice)
}
