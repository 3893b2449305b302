/** Follows the log of every container of the workload's pods and tells the moments that their servers speak of. */
import type { KubeApi } from '../cluster/api.ts'
import type { Clock } from '../clock.ts'
import type { ContainerSeen, LogRecord, PodSeen } from '../model/record.ts'
import { followLog } from './container-log.ts'
import type { ContainerLine } from './container-log.ts'
import { lineReader } from './server-log/server-log.ts'
import type { LineReader } from './server-log/server-log.ts'
import type { WallClock } from './wall-clock.ts'

export interface PodLogsOptions {
  api: KubeApi
  namespace: string
  clock: Clock
  wall: WallClock
  write: (record: LogRecord) => void
  signal: AbortSignal
}

interface Followed {
  pod: string
  container: string
  restarts: number
  read: LineReader
}

export class PodLogs {
  readonly #options: PodLogsOptions
  readonly #followed = new Map<string, Followed>()
  readonly #ends: Promise<void>[] = []

  constructor(options: PodLogsOptions) {
    this.#options = options
  }

  /** A pod as a watch showed it: containers that have started by now have a log. */
  see(pod: PodSeen): void {
    for (const container of pod.containers) {
      const key = `${pod.uid} ${container.name}`
      const known = this.#followed.get(key)
      if (known) known.restarts = container.restarts
      else if (container.state !== 'waiting') this.#follow(key, pod, container)
    }
  }

  /** Resolves when, after the signal, every log is read. */
  async done(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await Promise.all(this.#ends)
  }

  #follow(key: string, pod: PodSeen, container: ContainerSeen): void {
    const { clock, write } = this.#options
    const place = { pod: pod.name, container: container.name }
    const followed = { ...place, restarts: container.restarts, read: lineReader() }
    this.#followed.set(key, followed)
    const end = followLog({
      ...this.#options,
      ...place,
      restarts: () => followed.restarts,
      onLines: (lines) => this.#take(followed, lines),
    })
    this.#ends.push(end.then((said) => write({ type: 'log-read', t: clock.now(), ...place, ...said })))
  }

  #take({ pod, container, read }: Followed, lines: readonly ContainerLine[]): void {
    const { clock, wall, write } = this.#options
    const t = clock.now()
    for (const { wallUs, text } of lines) {
      const moment = read(text)
      if (moment) write({ type: 'container', t, ...wall.ofStamp(wallUs, t), source: 'log', pod, container, ...moment })
    }
  }
}
