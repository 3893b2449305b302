/** The moments of each container's life, each from its most exact source. */
import type { ContainerTimeline } from '../../model/result.ts'
import { isClaim } from './certainty.ts'
import { findStopFaults, insertImpliedKill, settleHooks } from './container-stop.ts'
import type { Deletion } from './container-stop.ts'
import type { RecordOf } from '../facts/evidence.ts'

type ContainerMoments = ContainerTimeline['moments']

/** By container name; moments in their order. */
export function buildContainerLives(
  records: readonly RecordOf<'container'>[],
  deletion: Deletion = { deletionUs: null, graceSeconds: null },
): ContainerTimeline[] {
  return [...Map.groupBy(records, ({ container }) => container)]
    .map(([name, own]) => {
      const moments = insertImpliedKill(settleHooks(mergeMoments(own)), deletion)
      return { name, moments, faults: findStopFaults(moments, deletion) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function mergeMoments(records: readonly RecordOf<'container'>[]): ContainerMoments {
  const entries = records.map(({ moment, at, errorUs, source, detail }) => ({
    moment,
    atUs: at,
    errorUs,
    source,
    detail,
  }))
  const exact = entries.filter((one) => !isClaim(one))
  const claims = entries.filter(isClaim).filter((claim) => !isCoveredByExact(claim, exact))
  return [...exact, ...claims].sort((a, b) => a.atUs - b.atUs)
}

/**
 * Whether the claim may mean an exact moment: then it adds only a detail such as the exit code. A kubelet's signal and the server's line
 * about it are two moments, both exact.
 */
function isCoveredByExact(claim: ContainerMoments[number], exact: ContainerMoments): boolean {
  const same = exact.filter(
    ({ moment, atUs, errorUs }) =>
      moment === claim.moment && Math.abs(atUs - claim.atUs) <= errorUs + claim.errorUs + claimSlackUs,
  )
  for (const one of same) one.detail ??= claim.detail
  return same.length > 0
}

/** A server's last line, or the one that it listens, may be this far from the end or begin of its process. */
const claimSlackUs = 1_000_000
