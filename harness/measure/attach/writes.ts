/** What may write to a target that somebody uses is sent only where that is allowed. */
import { Fault } from '../../base/fault.ts'
import type { Method } from '../../model/load/client.ts'

/** RFC 9110 §9.2.1: what a client asks for without asking for a change. */
const safeMethods: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function mayWrite(method: Method = 'GET'): boolean {
  return !safeMethods.has(method)
}

/** Throws a usage Fault that names the first method which may write, unless `allowed`. */
export function rejectWrites(requests: readonly { method?: Method }[], allowed: boolean): void {
  const writing = requests.find(({ method }) => mayWrite(method))?.method
  if (writing === undefined || allowed) return
  const advice = 'Give --allow-writes, if what it writes does no harm there.'
  throw new Fault('usage', `Cannot send ${writing} to a target: it may write`, advice)
}
