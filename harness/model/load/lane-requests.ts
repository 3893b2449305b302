/** What each lane of a load sends if they do not share a list. */
import type { LaneRequest } from './client.ts'
import { getLanedRequests } from './requests.ts'
import type { WeightedRequest } from './requests.ts'
import type { LoadPlan, WorkloadLane } from '../plan.ts'

const defaultRequests: Record<WorkloadLane, Required<LaneRequest>> = {
  fresh: { method: 'GET', headers: {}, bodyBytes: 0 },
  reused: { method: 'GET', headers: {}, bodyBytes: 0 },
  'reused-post': { method: 'POST', headers: {}, bodyBytes: 64 },
}

/** The complete request of each lane. For a load with a list, these are the defaults without it. */
export function resolveRequests(load: Pick<LoadPlan, 'requests'>): Record<WorkloadLane, Required<LaneRequest>> {
  const requests = getLanedRequests(load)
  const completeRequest = (lane: WorkloadLane): Required<LaneRequest> => ({
    ...defaultRequests[lane],
    ...requests[lane],
  })
  return {
    fresh: completeRequest('fresh'),
    reused: completeRequest('reused'),
    'reused-post': completeRequest('reused-post'),
  }
}

/** The load with a list in place of its requests: lanes that share a list have no others. */
export function withRequestList(load: LoadPlan, requests: WeightedRequest[]): LoadPlan {
  const { fresh, reused, 'reused-post': posted } = load.shares
  return { ...load, requests, shares: { fresh, reused: reused + posted, 'reused-post': 0 } }
}
