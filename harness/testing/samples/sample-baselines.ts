/** Comparisons from the model of the statistics: each round loses nothing, or a burst of varying length. */
import { createRandom } from '../../base/random.ts'
import type { Baseline, BaselineRow, Conditions } from '../../model/baseline/baseline.ts'

/** The losses of one configuration. */
export interface LossModel {
  /** The probability that a round loses requests. */
  share: number
  /** The mean length of a round's burst. */
  burst: number
}

export const sampleConditions: Conditions = {
  cluster: 'kind',
  environment: {
    nodrop: '0.1.0',
    node: '24.11.1',
    kernel: '6.8.0',
    cpus: 4,
    cpuModel: 'AMD EPYC 7763',
    kubernetes: '1.34.0',
  },
  load: {
    ratePerSecond: 200,
    connections: null,
    drivers: 1,
    replicas: 3,
    via: 'service',
    shares: 'fresh 50 %, reused 40 %, reused-post 10 %',
    workMs: 100,
    thinkMs: 500,
    timeoutMs: 5_000,
  },
  images: [{ name: 'nodrop/app', digest: `sha256:${'a'.repeat(64)}` }],
}

/** One row for each model. Bursts are exponential: with a mean of 9 one of 40 occurs now and then. */
export function simulateBaseline(
  comparison: string,
  models: Readonly<Record<string, LossModel>>,
  { rounds, seed, conditions = sampleConditions }: { rounds: number; seed: number; conditions?: Conditions },
): Baseline {
  const random = createRandom(seed)
  const rows = Object.entries(models).map(([configuration, { share, burst }]): BaselineRow => {
    const all = Array.from({ length: rounds }, (_, index) => {
      const lost = random() < share ? 1 + Math.floor(-burst * Math.log(1 - random())) : 0
      const p99Us = Math.round(110_000 * (1 + 0.15 * (random() - 0.5)))
      const latency = { p50Us: 101_000 + Math.round(random() * 800), p90Us: 104_000, p99Us, maxUs: 190_000 }
      return { round: index + 1, lost, sent: 5_000, span: null, latency, margin: null }
    })
    return { scenario: 'rollout', configuration, conditions, rounds: all, unjudged: 0 }
  })
  return { schema: 1, comparison, rows }
}
