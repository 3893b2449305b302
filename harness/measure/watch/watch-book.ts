/** Keeps a watch's `watch.json` up to date, and decides what is kept of its episodes. */
import { join } from 'node:path'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import { writeWatch } from '../../log/watch/watch-file.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { EpisodeResult, WatchEnding, WatchSession } from '../../model/watch/watch-session.ts'
import { removeEpisode } from '../../run/watch/episode.ts'
import type { WatchAccount } from '../../run/watch/execute-watch.ts'
import type { ClosedEpisode } from '../../run/watch/close-episodes.ts'

/** The number of latest episodes that are kept in full, and of listed results; older episodes are only counted. */
const mostKept = 100
const mostListed = 1_000

export class WatchBook {
  readonly #directory: string
  #session: WatchSession

  constructor(directory: string, id: string, { workload, scenario }: RunPlan) {
    this.#directory = directory
    const { kind, name, namespace = '' } = workload
    this.#session = {
      schema: 1,
      id,
      target: `${kind.toLowerCase()}/${name}`,
      namespace,
      ratePerSecond: scenario.load.ratePerSecond,
      began: new Date().toISOString(),
      durationUs: 0,
      ending: null,
      unseen: 0,
      ledger: { planned: 0, background: 0, episodes: 0 },
      background: {
        outcomes: {},
        control: { sent: 0, lost: 0 },
        latency: { counts: [], maxUs: 0 },
        spanUs: 1,
        spans: [],
      },
      episodes: [],
      forgotten: { passed: 0, failed: 0, unknown: 0 },
    }
  }

  get session(): WatchSession {
    return this.#session
  }

  /** Writes the counts so far, and the ending once there is one. */
  write(account: WatchAccount, ending: WatchEnding | null = null): void {
    this.#session = { ...this.#session, ...account, ending }
    writeWatch(this.#directory, this.#session)
  }

  /** Judges an episode from its log, stores its result and returns it. Older ones are dropped. */
  async add({ number, dir, what, fromUs, toUs }: ClosedEpisode): Promise<EpisodeResult> {
    const [run] = (await judgeDirectory(join(this.#directory, dir))).runs
    if (run === undefined) throw new RangeError(`Cannot judge ${dir}: there is no run in it`)
    const { verdict, ledger, sentence } = run.analysis
    const result = { number, dir, what, fromUs, toUs, verdict, sent: ledger.sent, lost: ledger.lost, sentence }
    this.keep(result)
    writeWatch(this.#directory, this.#session)
    return result
  }

  /** Adds a result; older episodes are dropped. */
  keep(result: EpisodeResult): void {
    const { forgotten } = this.#session
    const episodes = [...this.#session.episodes, result]
    for (const old of episodes.slice(0, -mostKept)) {
      if (old.dir !== null) removeEpisode(this.#directory, old.dir)
      old.dir = null
    }
    for (const { verdict } of episodes.splice(0, Math.max(0, episodes.length - mostListed))) forgotten[verdict]++
    this.#session = { ...this.#session, episodes, forgotten }
  }
}
