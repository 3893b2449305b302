/** A full disk at each file that a run, a kept cluster or a record of what to clean up writes. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startClock } from '../base/clock.ts'
import { openSession } from '../cluster/context/session.ts'
import { stageContext } from '../cluster/kind/images.ts'
import { getConfigPath, writeCleanupRecord } from '../cluster/kind/cleanup-record.ts'
import { startKindCluster } from '../cluster/kind/kind-cluster.ts'
import { writeKubeconfig } from '../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { lockDirectory } from '../cluster/embedded/start-lock.ts'
import { writeHolder } from '../cluster/embedded/cluster-holder.ts'
import { storeCapacity } from '../measure/capacity/capacity-store.ts'
import type { StoredCapacity } from '../measure/capacity/capacity-store.ts'
import { throwIfUnwritten } from '../cli/results.ts'
import { openHolderLog } from '../cli/up/up.ts'
import { Fault } from '../base/fault.ts'
import { judgeDirectory } from '../judge/judge-directory.ts'
import { writeComparison } from '../log/comparison-file.ts'
import { readPlan, writePlan } from '../log/plan-file.ts'
import { readLog } from '../log/reader.ts'
import { openLog } from '../log/writer.ts'
import type { ComparisonPlan } from '../model/plan.ts'
import type { LogRecord } from '../model/record.ts'
import { thrownAtLimit } from '../testing/file-limit.ts'
import { getRecordedDir } from '../testing/recorded-runs.ts'
import { buildRequest } from '../testing/samples/records.ts'
import { listDescendants } from '../testing/residue.ts'
import { NodropProcess } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-full-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const recorded = getRecordedDir('rollout-naive-local')
const plan = readPlan(recorded)
const comparison: ComparisonPlan = {
  schema: 1,
  id: 'x',
  rounds: 1,
  seed: 1,
  mostRepeats: 0,
  cells: [plan],
  runs: [{ dir: '1', runId: plan.runId, cell: 0, round: 1, seed: 1 }],
  repeats: [],
}
const workload = { base: { workload: [] }, patch: {}, plan }
const stored = { schema: 1, configuration: 'naive' } as StoredCapacity
const about = { context: 'staging', uid: 'u1' }
const intent = { name: 'x', kubeconfig: '/x/kubeconfig', keep: false, removeNetwork: false }
const lock = { limitMs: 1000, onWait: () => undefined }

/** Every file below the folder, with its content. */
function contents(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = paths.filter((path) => statSync(join(folder, path)).isFile())
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

/** `file` is the path below the folder, or the beginning of its name. */
interface Writing {
  what: string
  file: string
  /** Its content before and after. */
  before?: string
  write: () => unknown
  /** Default: write. */
  doing?: string
}
const writings: Writing[] = [
  { what: 'the plan of a run', file: 'plan.json', before: '{}', write: () => writePlan(folder, plan) },
  {
    what: 'the plan of a comparison',
    file: 'comparison.json',
    before: '{}',
    write: () => writeComparison(folder, comparison),
  },
  { what: 'a capacity', file: '[0-9a-f]{16}\\.json', write: () => storeCapacity(folder, workload, stored) },
  {
    what: 'who keeps a cluster',
    file: 'cluster.json',
    before: '{}',
    write: () => writeHolder(folder, { kind: 'local', kubeconfig: 'x', description: 'x' }),
  },
  {
    what: 'the log of that keeper',
    file: 'log',
    before: 'nodrop up\n',
    write: () => openHolderLog(join(folder, 'log')),
  },
  { what: 'the lock of a cluster', file: 'local.lock.\\d+', write: () => lockDirectory(join(folder, 'local'), lock) },
  { what: 'what leads to the embedded cluster', file: 'kubeconfig', write: () => writeKubeconfig(folder, 'x') },
  { what: 'the intent of a kind cluster', file: 'x.kind-intent.json', write: () => writeCleanupRecord(folder, intent) },
  { what: 'the record of a session', file: 'session-.*/session.json', write: () => openSession(folder, about, 'x') },
  {
    what: 'the build context of an image',
    file: 'context',
    doing: 'copy what an image is built from to',
    write: () => {
      try {
        stageContext({ folder: recorded, extra: {} }, join(folder, 'context'))
      } finally {
        rmSync(join(folder, 'context'), { recursive: true })
      }
    },
  },
]

describe('no room for a file: one sentence with its path and 3, and the folder is as before:', () => {
  test.each(writings)('$what', async ({ file, before, write, doing = 'write' }) => {
    if (before !== undefined) writeFileSync(join(folder, file), before)
    const found = contents()
    const error = await thrownAtLimit(0, write)
    expect(error).toBeInstanceOf(Fault)
    expect(error).toMatchObject({ exitCode: 3, advice: 'Raise the limit on the size of a file (ulimit -f).' })
    expect(String(error)).toMatch(new RegExp(`^Fault: Cannot ${doing} ${folder}/${file}: file too large \\(EFBIG\\)$`))
    expect(contents()).toEqual(found)
    expect(readdirSync(folder)).toEqual(Object.keys(found))
  })

  test('the private kubeconfig of a session, which is larger than its record', async () => {
    const error = await thrownAtLimit(1000, () => openSession(folder, about, 'x'.repeat(1001)))
    expect(String(error)).toMatch(/Cannot write .*\/session-\w+\/kubeconfig: file too large \(EFBIG\)$/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('a further namespace in the record of a session: it is not made, and what was written stays', async () => {
    const session = openSession(folder, about, 'x')
    session.recordNamespace('nodrop-a')
    const found = contents()
    const error = await thrownAtLimit(0, () => session.recordNamespace('nodrop-b'))
    expect(String(error)).toMatch(/Cannot write .*\/session\.json: file too large/)
    expect(contents()).toEqual(found)
    expect(session.namespaces()).toEqual(['nodrop-a'])
    expect(await thrownAtLimit(0, () => session.forget('nodrop-a'))).toBe(null)
    session.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test('what kind makes a cluster from: nothing was made, and its intent is gone', async () => {
    const [bin, stateDir] = [join(folder, 'bin'), join(folder, 'state')]
    mkdirSync(bin)
    // Stand-ins without output.
    for (const name of ['docker', 'kind']) writeFileSync(join(bin, name), '#!/bin/sh\n', { mode: 0o755 })
    vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`)
    const many = { stateDir, name: 'x', workers: 20, log: () => undefined }
    const error = await thrownAtLimit(600, () => startKindCluster(many))
    vi.unstubAllEnvs()
    expect(String(error)).toBe(`Fault: Cannot write ${getConfigPath(stateDir, 'x')}: file too large (EFBIG)`)
    expect(readdirSync(stateDir)).toEqual([])
  })
})

describe('no room for the reports of a run', () => {
  const names = ['analysis.json', 'junit.xml', 'summary.md', 'summary.json', 'report.html']

  test('each is told, nothing is left beside them, and what was found is whole', async () => {
    cpSync(recorded, folder, { recursive: true })
    for (const name of names) writeFileSync(join(folder, name), `before of ${name}`)
    const found = contents()
    const unwritten: unknown[] = []
    await thrownAtLimit(0, async () => {
      const judged = await judgeDirectory(folder)
      expect(judged.rows[0]?.result.verdict).toBe('failed')
      unwritten.push(...judged.unwritten)
    })
    expect(unwritten.map(String)).toEqual(
      names.map((name) => `Fault: Cannot write ${join(folder, name)}: file too large (EFBIG)`),
    )
    expect(() => throwIfUnwritten({ unwritten })).toThrow(
      /analysis\.json: .*\(EFBIG\); the same goes for 4 more files$/,
    )
    expect(contents()).toEqual(found)
  })

  test.each(names)('%s alone: the others are written', async (name) => {
    cpSync(recorded, folder, { recursive: true })
    await judgeDirectory(folder)
    const found = contents()
    // Only a directory at its path prevents a small file from being written where larger ones can be.
    rmSync(join(folder, name))
    mkdirSync(join(folder, name))
    const { unwritten } = await judgeDirectory(folder)
    expect(unwritten.map(String)).toEqual([
      `Fault: Cannot write ${join(folder, name)}: illegal operation on a directory (EISDIR)`,
    ])
    expect(() => throwIfUnwritten({ unwritten })).toThrow(Fault)
    const { [name]: _, ...others } = found
    expect(contents()).toEqual(others)
  })
})

describe('no room for the event log', () => {
  const path = (): string => join(folder, 'events.jsonl')
  const recordAt = (seq: number): LogRecord => ({ type: 'request', request: buildRequest({ seq, dueUs: 1000 * seq }) })

  test('what is in it stays, and can be read', async () => {
    const log = openLog(path(), startClock())
    let seq = 0
    const error = await thrownAtLimit(10_000, () => {
      for (;;) {
        log.write(recordAt(seq++))
        log.flush()
      }
    })
    expect(String(error)).toBe(`Fault: Cannot write the event log ${path()}: file too large (EFBIG)`)
    expect(log.failed.reason).toBe(error)
    await expect(log.close()).rejects.toBe(error)
    cpSync(join(recorded, 'plan.json'), join(folder, 'plan.json'))
    const kept = await Array.fromAsync(readLog(folder))
    // The last one may be complete, with only its seal missing.
    expect(kept.length).toBeGreaterThanOrEqual(seq - 1)
    expect(readdirSync(folder)).toEqual(['events.jsonl', 'plan.json'])
  })

  test('its compressed copy: it stays as it is', async () => {
    const log = openLog(path(), startClock())
    for (let seq = 0; seq < 1000; seq++) log.write(recordAt(seq))
    log.flush()
    const found = contents()
    expect(await thrownAtLimit(100, () => log.close())).toBe(null)
    expect(contents()).toEqual(found)
  })
})

const able = process.getuid?.() === 0 && (await checkEmbeddedMachine()).every(({ ok }) => ok)
const canMount = able && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test.skipIf(!canMount)(
  'a disk that fills up during a run ends it in one sentence, and nothing else stays',
  { timeout: 120_000 },
  async () => {
    using stage = createStage()
    const out = join(stage.folder, 'out')
    // The plans fit.
    const script = `mount -t tmpfs -o size=48k none "$1" && shift && { "$@"; code=$?; ls -R "${out}"; exit $code; }`
    const through = ['unshare', '--mount', 'sh', '-c', script, 'sh', out]
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec'], { env: stage.env, through })
    await program.waitForOutput(/load, undisturbed/)
    const made = listDescendants(program.pid)
    const { code, stdout, stderr } = await program.ended
    expect(stderr).toMatch(
      /^nodrop: Cannot write the event log .*\/events\.jsonl: no space left on device \(ENOSPC\)$/m,
    )
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(stderr.trimEnd().split('\n').slice(-2)).toEqual([
      expect.stringMatching(/^nodrop: Cannot write/),
      'Make room on that file system, or choose a directory on another.',
    ])
    expect(code).toBe(3)
    expect(stdout).not.toMatch(/\.new\b|\.part\b/)
    expect(stdout).toMatch(/^comparison\.json$[^]*^events\.jsonl$[^]*^plan\.json$/m)
    await stage.waitUntilClean(made)
  },
)
