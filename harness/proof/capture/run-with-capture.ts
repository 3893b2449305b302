/** `nodrop run` with a capture in the network namespace of each of its drivers, stored beside the run's event log. */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPlan } from '../../log/plan-file.ts'
import type { Agreement } from './agreement.ts'
import { compareCaptures, getCaptureName, findOwner, readCapture } from './compare-captures.ts'
import { captureDrivers } from './tcpdump.ts'
import type { Capture } from './tcpdump.ts'

export interface CapturedRun {
  runDir: string
  /** One for each captured driver. */
  agreements: Agreement[]
}

export interface CapturedRuns {
  /** The exit code of `nodrop run`. */
  exitCode: number | null
  runs: CapturedRun[]
  /** Number of packets that the captures lack; `null` if that is unknown for one. */
  dropped: number | null
}

const program = join(import.meta.dirname, '../../nodrop.cjs')

export interface CaptureOptions {
  /** The directory of the comparison, whatever `args` contain. */
  out: string
  /** Whether the output of `nodrop run` is passed on. */
  output: 'inherit' | 'ignore'
}

/** `args`: options of `nodrop run`, on a cluster whose pods run on this machine. */
export async function runWithCapture(args: readonly string[], options: CaptureOptions): Promise<CapturedRuns> {
  const { out, output } = options
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-capture-'))
  try {
    mkdirSync(out, { recursive: true })
    const before = new Set(readdirSync(out))
    const over = new AbortController()
    const capturing = captureDrivers(folder, over.signal)
    const exitCode = await spawnRun([...args, '--out', out], output).finally(() => over.abort())
    const captures = await capturing
    const runDirs = readdirSync(out).flatMap((name) => (before.has(name) ? [] : listRunDirs(join(out, name))))
    for (const capture of captures) copyBesideLog(capture, runDirs)
    const runs = runDirs.map(async (runDir) => ({ runDir, agreements: await compareCaptures(runDir) }))
    return { exitCode, runs: await Promise.all(runs), dropped: sumDropped(captures) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function spawnRun(args: readonly string[], stdio: CaptureOptions['output']): Promise<number | null> {
  // In the foreground: it shares this program's terminal, and gets its Ctrl-C.
  const child = spawn(process.execPath, [program, 'run', ...args], { stdio })
  // When the run has ended, its captures are kept and the rest is removed.
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGTERM', forward).on('SIGHUP', forward)
  return new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  }).finally(() => process.off('SIGTERM', forward).off('SIGHUP', forward))
}

/** Runs of a comparison in order. */
function listRunDirs(comparison: string): string[] {
  const paths = readdirSync(comparison)
    .sort()
    .map((name) => join(comparison, name))
  return paths.filter((path) => existsSync(join(path, 'plan.json')))
}

/** The requests in a capture contain the id of its run. */
function copyBesideLog({ file }: Capture, runDirs: readonly string[]): void {
  if (!existsSync(file)) return
  const owner = findOwner(readCapture(file))
  const runDir = runDirs.find((one) => readPlan(one).runId === owner?.runId)
  if (owner && runDir !== undefined) copyFileSync(file, join(runDir, getCaptureName(owner.driver)))
}

function sumDropped(captures: readonly Capture[]): number | null {
  return captures.reduce<number | null>(
    (sum, { dropped }) => (sum === null || dropped === null ? null : sum + dropped),
    0,
  )
}
