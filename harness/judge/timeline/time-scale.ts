import type { Analysis } from '../../model/result.ts'
import type { TimeScale } from './timeline-geometry.ts'

/** The time span of a run's timeline: its phases, and every loss or end outside them. */
export function createTimeScale(analysis: Analysis): TimeScale {
  const { phases, losses, buckets, pods } = analysis
  const starts = [...phases.map(({ fromUs }) => fromUs), ...losses.map(({ lostUs }) => lostUs)]
  const ends = [...phases.map(({ toUs }) => toUs), ...losses.map(({ lostUs }) => lostUs)]
  for (const { fromUs } of buckets) {
    starts.push(fromUs)
    ends.push(fromUs + analysis.bucketUs)
  }
  for (const { goneUs } of pods) if (goneUs !== null) ends.push(goneUs)
  const fromUs = starts.reduce((least, us) => Math.min(least, us), starts[0] ?? 0)
  const toUs = ends.reduce((most, us) => Math.max(most, us), fromUs + 1_000_000)
  const during = phases.find(({ phase }) => phase === 'during')
  return { fromUs, toUs, originUs: during?.fromUs ?? 0, fromDisruption: during !== undefined }
}
