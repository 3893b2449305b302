/** The command line as run by a person or a CI job: a separate process with separate streams, which is awaited. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export const home: string = join(import.meta.dirname, '../../..')
const entry = join(home, 'harness/nodrop.cjs')

export interface NodropResult {
  /** `null` when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** From start to end. */
  tookMs: number
}

export interface NodropOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** The command that runs Node, such as `setpriv …`, `unshare …`. */
  through?: readonly string[]
  /** Instead of Node with nodrop's command line. */
  program?: readonly string[]
}

/** A running nodrop, as the leader of its own process group, like a shell's job. */
export class NodropProcess {
  stdout = ''
  stderr = ''
  readonly ended: Promise<NodropResult>
  readonly #child: ChildProcess
  readonly #seen = new Set<() => void>()

  constructor(args: readonly string[], options: NodropOptions = {}) {
    const { through = [], program = [process.execPath, entry], cwd = home, env = process.env } = options
    const [command = '', ...words] = [...through, ...program, ...args]
    const began = performance.now()
    this.#child = spawn(command, words, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
        for (const checkOutput of this.#seen) checkOutput()
      })
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => {
        const { stdout, stderr } = this
        resolve({ code, signal, stdout, stderr, tookMs: performance.now() - began })
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when standard error has matched; rejects when the process ended without that. */
  async waitForOutput(what: RegExp): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const checkOutput = (): void => void (what.test(this.stderr) && resolve())
    this.#seen.add(checkOutput)
    checkOutput()
    const silent = this.ended.then(({ stderr }) => {
      if (!what.test(stderr)) throw new Error(`nodrop ended and never said ${String(what)}:\n${stderr}`)
    })
    await Promise.race([promise, silent])
    this.#seen.delete(checkOutput)
  }

  /** Closes its output, as after `| head`. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  /** To every process of the group, as a terminal's Ctrl-C reaches every process of its foreground job. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }
}

/** Runs the command to its end. */
export function runNodrop(args: readonly string[], options: NodropOptions = {}): Promise<NodropResult> {
  return new NodropProcess(args, options).ended
}

/** The runs in the output of `--json`, at least one; a test reads some of their keys. */
export function readRuns<T>(stdout: string): [T, ...T[]] {
  return (JSON.parse(stdout) as { runs: [T, ...T[]] }).runs
}
