/** For tests: a runtime whose containers are objects with scripted reactions to signals and commands. */
import { monotonicUs } from '../../base/clock.ts'
import type {
  ContainerConfig,
  ExecResult,
  ExitStatus,
  ImageFacts,
  RunningContainer,
  Runtime,
  RuntimeError,
  Sandbox,
} from '../runtime/runtime.ts'
import { sleepUnlessAborted, sleepUntil } from '../kubelet/timing.ts'

export interface ScriptedExit {
  afterMs: number
  exitCode: number
}

/** The course of one start of a container. */
export interface Script {
  /** Thrown instead of a start. */
  error?: RuntimeError
  stopSignal?: NodeJS.Signals
  /** PID 1's reactions to signals; others are ignored, except KILL. */
  onSignal?: Partial<Record<NodeJS.Signals, ScriptedExit>>
  /** It ends by itself. */
  ends?: ScriptedExit
  /** Commands in addition to `sleep`, `true`, `false` and `exit N`, which every image has here. */
  commands?: Record<string, (container: ScriptedContainer) => ExecResult>
}

export class ScriptedContainer implements RunningContainer {
  readonly id: string
  readonly startedAtUs: number = monotonicUs()
  readonly stopSignal: NodeJS.Signals
  readonly exited: Promise<ExitStatus>
  readonly config: ContainerConfig
  readonly #script: Script
  readonly #exit = Promise.withResolvers<ExitStatus>()
  readonly #gone = new AbortController()

  constructor(id: string, config: ContainerConfig, script: Script) {
    this.id = id
    this.config = config
    this.#script = script
    this.stopSignal = script.stopSignal ?? 'SIGTERM'
    this.exited = this.#exit.promise
    if (script.ends) this.#endAfter(script.ends, null)
  }

  signal(signal: NodeJS.Signals): boolean {
    if (this.#gone.signal.aborted) return false
    const reaction = signal === 'SIGKILL' ? { afterMs: 0, exitCode: 137 } : this.#script.onSignal?.[signal]
    if (reaction) this.#endAfter(reaction, signal === 'SIGKILL' ? signal : null)
    return true
  }

  async exec(argv: string[], options: { timeoutMs?: number }): Promise<ExecResult> {
    const [name = '', argument = ''] = argv
    const scripted = this.#script.commands?.[name]
    if (scripted) return scripted(this)
    if (name === 'true') return { exitCode: 0, output: '', timedOut: false }
    if (name === 'false') return { exitCode: 1, output: 'it is false', timedOut: false }
    if (name === 'exit') return { exitCode: Number(argument), output: '', timedOut: false }
    if (name !== 'sleep') return { exitCode: 127, output: `${name}: not found`, timedOut: false }
    const { timeoutMs = Infinity } = options
    const wantedMs = Number(argument) * 1000
    await sleepUntil(monotonicUs() + Math.min(wantedMs, timeoutMs) * 1000, this.#gone.signal)
    if (this.#gone.signal.aborted) return { exitCode: 137, output: '', timedOut: false }
    return { exitCode: 0, output: '', timedOut: timeoutMs < wantedMs }
  }

  write(text: string): void {
    this.config.onLog({ stream: 'stdout', atUs: monotonicUs(), text })
  }

  end(exitCode: number, signal: NodeJS.Signals | null = null): void {
    if (this.#gone.signal.aborted) return
    this.#gone.abort()
    this.#exit.resolve({ exitCode, signal, atUs: monotonicUs() })
  }

  #endAfter({ afterMs, exitCode }: ScriptedExit, signal: NodeJS.Signals | null): void {
    if (afterMs === 0) this.end(exitCode, signal)
    else {
      void sleepUntil(monotonicUs() + afterMs * 1000, this.#gone.signal).then(() => this.end(exitCode, signal))
    }
  }
}

/** Containers by their name; those without a script end with 0 at once on SIGTERM. */
export class ScriptedRuntime implements Runtime {
  /** One script for each start, the last one for all later ones. */
  readonly scripts: Record<string, Script[]>
  /** Images by their reference, or the error of getting them; all others run as root. */
  readonly images: Record<string, ImageFacts | RuntimeError> = {}
  readonly containers: ScriptedContainer[] = []
  readonly sandboxes: Set<string> = new Set()
  readonly #bySandbox = new Map<string, ScriptedContainer[]>()
  readonly #starts = new Map<string, number>()

  constructor(scripts: Record<string, Script[]> = {}) {
    this.scripts = scripts
  }

  /** The latest start of a container. */
  latest(name: string): ScriptedContainer {
    const found = this.containers.findLast(({ config }) => config.name === name)
    if (!found) throw new Error(`Cannot find container ${name} as it was never started`)
    return found
  }

  createSandbox({ uid }: { uid: string }): Promise<Sandbox> {
    this.sandboxes.add(uid)
    return Promise.resolve({ id: uid, ip: '127.0.0.1', counters: () => null })
  }

  removeSandbox({ id }: Sandbox): Promise<void> {
    for (const container of this.#bySandbox.get(id) ?? []) container.end(137, 'SIGKILL')
    this.sandboxes.delete(id)
    return Promise.resolve()
  }

  limitVolume(): Promise<void> {
    return Promise.resolve()
  }

  removeVolume(): Promise<void> {
    return Promise.resolve()
  }

  async ensureImage(reference: string): Promise<ImageFacts> {
    const image = this.images[reference] ?? { user: '' }
    await sleepUnlessAborted(1)
    if (image instanceof Error) throw image
    return image
  }

  async startContainer({ id }: Sandbox, config: ContainerConfig): Promise<RunningContainer> {
    const start = this.#starts.get(config.name) ?? 0
    this.#starts.set(config.name, start + 1)
    const scripts = this.scripts[config.name] ?? [{ onSignal: { SIGTERM: { afterMs: 0, exitCode: 0 } } }]
    const script = scripts[Math.min(start, scripts.length - 1)] ?? {}
    await sleepUnlessAborted(1)
    if (script.error) throw script.error
    const container = new ScriptedContainer(`${config.name}-${start}`, config, script)
    this.containers.push(container)
    this.#bySandbox.set(id, [...(this.#bySandbox.get(id) ?? []), container])
    return container
  }
}
