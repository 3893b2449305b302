import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { home, readRuns, runNodrop } from './stage/nodrop-process.ts'

const capacities = join(home, 'reports/capacity')
const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
const folder = mkdtempSync(join(tmpdir(), 'nodrop-capacity-'))
const removeCapacities = (): void => listCapacities().forEach((path) => rmSync(path))
beforeAll(removeCapacities)
afterAll(() => {
  rmSync(folder, { recursive: true })
  removeCapacities()
})

/** Ten threads that work for 50 ms on each request: 200/s on any machine. */
const scenario = `
name: known
summary: has a capacity that follows from its threads
disruption: { kind: rollout-restart }
replicas: 1
load:
  ratePerSecond: 400
  shares: { fresh: 1, reused: 0, reused-post: 0 }
  workMs: 50
  thinkMs: 0
  timeoutMs: 5000
phases: { beforeMs: 1000, afterMs: 1000, limitMs: 60000 }
`
const configuration = `# loses-none: a pod with ten threads
spec:
  template:
    spec:
      containers:
        - name: app
          env: [{ name: WEB_THREADS, value: '10' }]
`

interface Capacity {
  configuration: string
  kneePerSecond: number | null
  belowPerSecond: number
  knee: { abovePerSecond: number | null; endedBy: string; steps: { fate: string; lagP99Us: number }[] }
}

/** The directory of this configuration's results of `nodrop capacity`. */
function listCapacities(): string[] {
  const names = existsSync(capacities) ? readdirSync(capacities) : []
  const files = names.filter((name) => /^[0-9a-f]{16}\.json$/.test(name)).map((name) => join(capacities, name))
  return files.filter((path) => (JSON.parse(readFileSync(path, 'utf8')) as Capacity).configuration === 'ten')
}

interface Run {
  ledger: { planned: number; sent: number; ok: number; lost: number }
  runDir: string
}

interface Analysed {
  aggregated: { requests: number }
  losses: unknown[]
}

test.skipIf(!able)(
  'capacity finds what ten threads can take, and keeps it for the runs that follow',
  { timeout: 200_000 },
  async () => {
    const [scenarios, manifests, out] = ['scenarios', 'manifests', 'out'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    for (const path of [scenarios, manifests]) mkdirSync(path)
    cpSync(join(home, 'manifests/base'), join(manifests, 'base'), { recursive: true })
    writeFileSync(join(scenarios, 'known.yaml'), scenario)
    writeFileSync(join(manifests, 'ten.yaml'), configuration)
    const where = ['--cluster', 'local', '--scenarios', scenarios, '--scenario', 'known', '--manifests', manifests]
    const { code, stdout, stderr } = await runNodrop(['capacity', ...where, '--json'])
    // On a shared machine the driver may be late from the beginning: then there is no result, and no claim.
    if (stderr.includes('this machine is too busy')) return expect(code).toBe(4)
    if (stdout === '') throw new Error(stderr)
    const [found] = JSON.parse(stdout) as [Capacity]
    expect(found.configuration).toBe('ten')
    // A load just above it needs more than a step to queue up as much as a request takes.
    expect(found.belowPerSecond).toBeLessThan(235)
    // On a shared machine the driver may be late: then nothing more is claimed.
    if (found.knee.endedBy === 'late') return
    expect(code).toBe(0)
    expect(found.kneePerSecond).toBeGreaterThan(180)
    expect(found.kneePerSecond).toBeLessThan(250)
    expect(stderr).toMatch(/ten: 100\/s: p99 [\d.]+ ms, send lag p99 [\d.]+ (?:ms|µs) \(base\)/)
    expect(listCapacities()).toHaveLength(1)

    // Its rate is known now, so a run at more than half of it gets a warning. This one keeps 50 requests as records.
    const run = await runNodrop([
      'run',
      ...where,
      '--out',
      out,
      '--rate',
      '150',
      '--full-records',
      '50',
      '--json',
      '--repeats',
      '0',
    ])
    expect(run.stderr).toMatch(/150 requests\/s are more than half of the \d{3}\/s at which p99 doubles/)
    const [{ ledger, runDir }] = readRuns<Run>(run.stdout)
    expect(ledger.planned).toBeGreaterThan(200)
    expect(ledger.sent).toBe(ledger.ok + ledger.lost)
    const { aggregated, losses } = JSON.parse(readFileSync(join(runDir, 'analysis.json'), 'utf8')) as Analysed
    expect(losses).toHaveLength(ledger.lost)
    expect(aggregated.requests).toBeGreaterThan(100)
    expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain('are only counted in the log')
  },
)
