/** What each lane of a load sends. */
import type { RequestPlan } from './client.ts'
import type { LoadPlan, WorkloadLane } from '../plan.ts'

const defaultRequests: Record<WorkloadLane, Required<RequestPlan>> = {
  fresh: { method: 'GET', headers: {}, bodyBytes: 0 },
  reused: { method: 'GET', headers: {}, bodyBytes: 0 },
  'reused-post': { method: 'POST', headers: {}, bodyBytes: 64 },
}

/** What each lane sends, complete. */
export function resolveRequests({
  requests = {},
}: Pick<LoadPlan, 'requests'>): Record<WorkloadLane, Required<RequestPlan>> {
  const completeRequest = (lane: WorkloadLane): Required<RequestPlan> => ({
    ...defaultRequests[lane],
    ...requests[lane],
  })
  return {
    fresh: completeRequest('fresh'),
    reused: completeRequest('reused'),
    'reused-post': completeRequest('reused-post'),
  }
}
