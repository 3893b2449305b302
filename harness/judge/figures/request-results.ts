/** The results of each listed request: which one a planned request was follows from its number, so records do not contain it. */
import { lanes } from '../../model/plan.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import { listRequests, nameRequests } from '../../model/load/requests.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { Analysis, RequestResult } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { parseRequestKey } from '../facts/request-key.ts'
import { forEachSeq } from '../facts/seq-ranges.ts'

/** For each request in the order of the list; empty for a load without a list, or with one entry. */
export function computeRequestResults(
  { requests, lost }: Pick<Evidence, 'requests' | 'lost'>,
  { scenario: { load }, seed }: Pick<RunPlan, 'scenario' | 'seed'>,
): Pick<Analysis, 'requests'> {
  const list = listRequests(load)
  if (list === null || list.length < 2) return {}
  const lookUp = createRequestLookup(load, seed)
  const results = nameRequests(list).map((name, place): RequestResult => ({
    name,
    weight: list[place]?.weight ?? 1,
    sent: 0,
    lost: 0,
    outcomes: {},
  }))
  const byName = new Map(results.map((result) => [result.name, result]))
  const find = (lane: RequestRecord['lane'], seq: number) => byName.get(lookUp({ lane, seq }).name ?? '')!
  for (const [index, key] of requests.keys().entries()) {
    if (requests.wasSent(index)) find(lanes[requests.lane(index)]!, parseRequestKey(key).seq).sent++
  }
  // The lane does not matter: the lanes of a workload share the list.
  forEachSeq(requests.aggregated.listRanges(), (_, seq) => find('fresh', seq).sent++)
  for (const { lane, seq, outcome } of lost) {
    const result = find(lane, seq)
    result.lost++
    result.outcomes[outcome as Outcome] = (result.outcomes[outcome as Outcome] ?? 0) + 1
  }
  return { requests: results }
}
