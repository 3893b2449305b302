/** The stage for the command line: a folder for the files of a comparison, and a brief scenario. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClaimResult } from '../../model/claims.ts'
import type { Analysis } from '../../model/result.ts'
import { noTraces, filterRunning, readTraces, waitUntil } from '../../testing/residue.ts'
import type { Process } from '../../testing/residue.ts'

export interface Stage extends Disposable {
  /** Options of `nodrop run`: the cluster, the brief scenario, no round twice, everything written below `folder`. */
  readonly options: readonly string[]
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** The directory of the only comparison, `null` without one. */
  findComparison(): string | null
  /** Resolves when none of these processes runs any more and nothing else is left. */
  waitUntilClean(made: readonly Process[]): Promise<void>
}

/** Two pods, short undisturbed phases. */
const scenario = `
name: brief
summary: restarts two pods, one after another
disruption: { kind: rollout-restart }
replicas: 2
load:
  ratePerSecond: 100
  shares: { fresh: 0.5, reused: 0.35, reused-post: 0.15 }
  workMs: 100
  thinkMs: 300
  timeoutMs: 5000
phases: { beforeMs: 1500, afterMs: 1500, limitMs: 60000 }
`

export function createStage(cluster: 'local' | 'kind' = 'local'): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-e2e-'))
  const [out, scenarios, temporary] = ['out', 'scenarios', 'tmp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [out, scenarios, temporary]) mkdirSync(path)
  writeFileSync(join(scenarios, 'brief.yaml'), scenario)
  return {
    options: ['--cluster', cluster, '--scenarios', scenarios, '--scenario', 'brief', '--out', out, '--repeats', '0'],
    folder,
    env: { ...process.env, TMPDIR: temporary },
    findComparison() {
      const [name] = readdirSync(out)
      return name === undefined ? null : join(out, name)
    },
    async waitUntilClean(made) {
      await waitUntil(() => filterRunning(made).length === 0)
      await waitUntil(() => JSON.stringify(readTraces(temporary)) === JSON.stringify(noTraces))
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

/** The runs of a comparison that have begun, in their order. */
export function listRunDirs(comparison: string): string[] {
  return readdirSync(comparison)
    .sort()
    .map((name) => join(comparison, name))
    .filter((path) => existsSync(join(path, 'plan.json')))
}

/** The part of a run's verdict that tests use. */
export type JudgedRun = Pick<Analysis, 'verdict'> & { claims: Pick<ClaimResult, 'name' | 'holds'>[] }

/** Claims that other users of the machine can break. */
const machineClaims: ReadonlySet<string> = new Set([
  'requests-sent',
  'disruption-covered',
  'machine-responsive',
  'driver-kept-up',
])

/** Whether only other users of the machine prevented a verdict. Losses count all the same. */
export function isDisturbed({ verdict, claims }: JudgedRun): boolean {
  return verdict === 'unknown' && claims.every(({ name, holds }) => holds || machineClaims.has(name))
}
