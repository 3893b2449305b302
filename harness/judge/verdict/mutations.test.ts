import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { addSteps, scenarioStepMutations } from '../../testing/fuller-logs/stepped-log.ts'
import { addTracking, harmlessTrackingChanges, trackingMutations } from '../../testing/fuller-logs/tracked-log.ts'
import { createRecordSampler } from '../../testing/record-sampler.ts'
import { fileMutations } from '../../testing/mutations/files.ts'
import { harmlessChanges } from '../../testing/mutations/harmless.ts'
import type { Mutation, RunLog } from '../../testing/mutations/mutation.ts'
import { mutations } from '../../testing/mutations/mutations.ts'
import { summaryMutations } from '../../testing/mutations/summaries.ts'
import { createRandom } from '../../base/random.ts'
import { isUnreadable, readRecordedRun, getRecordedDir, recordedRuns } from '../../testing/recorded-runs.ts'
import { buildLog } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from './analyse-run.ts'

const runs = await Promise.all(
  recordedRuns.map(async (run) => {
    const log = await readRecordedRun(getRecordedDir(run.name))
    return { ...run, log, clean: await analyseRunLog(log) }
  }),
)

function analyseRunLog({ plan, planDigest, records, torn }: RunLog): Promise<Analysis> {
  return analyseRun(plan, buildLog(records, torn), planDigest)
}

const listProblems = ({ claims }: Analysis): string[] => claims.flatMap(({ problems }) => problems)

/** Why damage to a log was not noticed; `null` if it was. */
function explainMissed({ voids, lossesStand }: Mutation, { verdict, voided, ledger }: Analysis): string | null {
  const open = voids.filter((one) => !voided.includes(one))
  if (open.length > 0) return `${verdict}, and not void: ${open.join(', ')}`
  if (verdict === 'passed') return 'passed'
  if (verdict === 'failed' && voids.includes('some-lost')) return 'failed'
  return lossesStand && ledger.lost > 0 && verdict !== 'failed' ? `${verdict}, though losses were seen` : null
}

/** The first run, the one with losses, and one of the others in turn; else any run that can be damaged in this way. */
function listDamaged(mutation: Mutation, place: number): { name: string; log: RunLog }[] {
  const turn = runs.filter((_, run) => run < 2 || place % (runs.length - 2) === run - 2)
  const damaged = (some: typeof runs): { name: string; log: RunLog }[] =>
    some.flatMap(({ name, log: clean }, draw) => {
      const log = mutation.damage(clean, createRandom(10 * place + draw))
      return log === null ? [] : [{ name, log }]
    })
  const inTurn = damaged(turn)
  return inTurn.length > 0 ? inTurn : damaged(runs)
}

test.each(runs)('of the clean log $name every claim holds', ({ clean, verdict }) => {
  expect(listProblems(clean)).toEqual([])
  expect([clean.verdict, clean.voided, clean.hypothesis?.held]).toEqual([verdict, [], true])
})

test('mutations: any damage to a clean log is noticed, and losses stay', { timeout: 120_000 }, async () => {
  const misses: string[] = []
  const never: string[] = []
  let noticed = 0
  let logs = 0
  for (const [place, mutation] of mutations.entries()) {
    const before = misses.length
    const tried = listDamaged(mutation, place)
    for (const { name, log } of tried) {
      const why = explainMissed(mutation, await analyseRunLog(log))
      if (why !== null) misses.push(`${mutation.name} (${name}): ${why}`)
    }
    logs += tried.length
    if (tried.length === 0) never.push(mutation.name)
    else if (misses.length === before) noticed++
  }
  console.log(`mutations: ${noticed} of ${mutations.length} noticed, in ${logs} damaged logs`)
  expect(misses).toEqual([])
  expect(never).toEqual([])
  expect(mutations.length).toBeGreaterThanOrEqual(60)
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length)
})

describe('in a log that only counts most of its requests', () => {
  const [{ name, log }] = runs as [(typeof runs)[number]]
  const counted = { ...log, records: createRecordSampler(100)(log.records) }

  test('every claim holds', async () => {
    const clean = await analyseRunLog(counted)
    expect(clean.aggregated?.requests).toBeGreaterThan(500)
    expect([clean.verdict, ...listProblems(clean)]).toEqual(['passed'])
  })

  test.each(summaryMutations)(`it is noticed to $name (${name})`, async (mutation) => {
    for (let draw = 0; draw < 5; draw++) {
      const damaged = mutation.damage(counted, createRandom(draw))
      if (damaged === null) throw new Error('the log has no summary')
      expect(explainMissed(mutation, await analyseRunLog(damaged))).toBe(null)
    }
  })
})

describe.each(runs)('in the log $name with what the kernel told', ({ log, clean }) => {
  const tracked = addTracking(log)

  test('the kernel agrees with every answer', async () => {
    const { attribution, verdict, voided } = await analyseRunLog(tracked)
    expect(attribution.kernel).toMatchObject({ state: 'whole', contradicted: 0, untold: 0 })
    expect(attribution.kernel.agreed).toBeGreaterThan(100)
    expect([verdict, voided]).toEqual([clean.verdict, []])
  })

  test.each(trackingMutations)('it is noticed to $name', async ({ damage, voids }) => {
    const { verdict, voided } = await analyseRunLog(damage(tracked, createRandom(2))!)
    expect(voided).toEqual(voids)
    expect(verdict).toBe(clean.verdict)
  })

  test.each(harmlessTrackingChanges)('it costs nothing to $name', async ({ damage }) => {
    const { verdict, voided, ledger } = await analyseRunLog(damage(tracked, createRandom(3))!)
    expect([verdict, voided, ledger]).toEqual([clean.verdict, [], clean.ledger])
  })
})

describe.each(runs)('in the log $name with the steps of its scenario', ({ log, clean }) => {
  const stepped = addSteps(log)

  test('every claim holds', async () => {
    const { verdict, voided } = await analyseRunLog(stepped)
    expect([verdict, voided]).toEqual([clean.verdict, []])
  })

  test.each(scenarioStepMutations)('it is noticed to $name', async (mutation) => {
    for (let draw = 0; draw < 3; draw++) {
      const damaged = await analyseRunLog(mutation.damage(stepped, createRandom(draw))!)
      expect(explainMissed(mutation, damaged)).toBe(null)
    }
  })
})

describe.each(runs)('in the log $name', ({ log, clean }) => {
  test.each(harmlessChanges)('it costs nothing to $name', async ({ damage }) => {
    const changed = damage(log, createRandom(1))
    if (changed === null) return
    const { verdict, voided } = await analyseRunLog(changed)
    expect([verdict, voided]).toEqual([clean.verdict, clean.voided])
  })
})

describe('of the file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-mutations-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const [first] = runs
  const from = getRecordedDir(first!.name)
  const bytes = zstdDecompressSync(readFileSync(join(from, 'events.jsonl.zst')))
  writeFileSync(join(directory, 'plan.json'), readFileSync(join(from, 'plan.json')))

  test('untouched it is the log that was recorded', async () => {
    writeFileSync(join(directory, 'events.jsonl'), bytes)
    expect((await analyseRunLog(await readRecordedRun(directory))).verdict).toBe(first!.clean.verdict)
  })

  test.each(fileMutations)('it is noticed to $name', async ({ damage }) => {
    for (let draw = 0; draw < 5; draw++) {
      writeFileSync(join(directory, 'events.jsonl'), damage(bytes, createRandom(draw)))
      const verdict = await readRecordedRun(directory).then(
        async (log) => (await analyseRunLog(log)).verdict,
        (error: unknown) => (isUnreadable(error) ? 'unreadable' : Promise.reject(error)),
      )
      expect(['unknown', 'unreadable']).toContain(verdict)
    }
  })
})
