/** The episodes of a watch by their present logs, including those that were open when it was killed. */
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import type { EpisodeResult, WatchSession } from '../../model/watch/watch-session.ts'

interface JudgedEpisode {
  dir: string
  plan: RunPlan
  analysis: Analysis
}

/** Episodes whose logs are no longer kept retain their result. */
export function updateEpisodes(session: WatchSession, runs: readonly JudgedEpisode[]): WatchSession {
  const judged = new Map(runs.map((run) => [run.dir, toResult(run)]))
  const known = session.episodes.map((episode) => {
    const now = episode.dir === null ? undefined : judged.get(episode.dir)
    return now === undefined ? episode : { ...now, fromUs: episode.fromUs, toUs: episode.toUs }
  })
  const listed = new Set(known.map(({ number }) => number))
  const others = [...judged.values()].filter(({ number }) => !listed.has(number))
  return { ...session, episodes: [...known, ...others].sort((a, b) => a.number - b.number) }
}

function toResult({ dir, plan, analysis }: JudgedEpisode): EpisodeResult {
  const observed = plan.scenario.steps.find((step) => step.kind === 'observed')
  const { verdict, ledger, phases, sentence } = analysis
  return {
    number: plan.round,
    dir,
    what: observed?.what ?? 'deletion',
    fromUs: phases[0]?.fromUs ?? 0,
    toUs: phases.at(-1)?.toUs ?? 0,
    verdict,
    sent: ledger.sent,
    lost: ledger.lost,
    sentence,
  }
}
