/** Follows the log of every container of the workload's pods and extracts moments and requests. */
import type { KubeApi } from '../../cluster/api.ts'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { ContainerSnapshot, LogRecord, PodSnapshot } from '../../model/record.ts'
import { followContainerLog } from './follow-container-log.ts'
import type { LogEnd } from './follow-container-log.ts'
import type { ContainerLine } from './log-position.ts'
import { getApiName } from './pod-names.ts'
import { ServedBatch } from './served-batch.ts'
import type { LineParser } from '../server-logs/log-line.ts'
import { createLineParser } from '../server-logs/server-log.ts'
import type { WallClock } from './node-timestamps.ts'

export interface PodLogsOptions {
  api: KubeApi
  namespace: string
  /** The containers whose logs are read; `undefined`: all. */
  only?: readonly string[] | undefined
  /** The prefix of the ids of this run's requests. */
  runToken: string
  /** Maximum number of lines about requests that are kept, of all servers together. */
  mostServed: number
  clock: Clock
  wall: WallClock
  write: (record: LogRecord) => void
  signal: AbortSignal
}

/** The pause between two readings of a log, in ms; it grows with the number of logs, to at most 10 readings a second in all. */
const pauseMs = { least: 2_000, each: 100 }

interface FollowedContainer {
  pod: string
  container: string
  restarts: number
  ending: AbortController
  read: LineParser
  served: ServedBatch
  /** The number of lines about requests that were not kept. */
  dropped: number
}

export class PodLogFollower {
  readonly #options: PodLogsOptions
  readonly #followed = new Map<string, FollowedContainer>()
  readonly #ends: Promise<void>[] = []
  #kept = 0

  constructor(options: PodLogsOptions) {
    this.#options = { ...options, write: ignoreWriteFault(options.write) }
  }

  /** Handles a pod as a watch showed it: containers that have started have a log. */
  see(pod: PodSnapshot): void {
    const { only } = this.#options
    for (const container of pod.containers) {
      if (only?.includes(container.name) === false) continue
      const key = `${pod.uid} ${container.name}`
      const followed =
        this.#followed.get(key) ?? (container.state === 'waiting' ? null : this.#follow(key, pod, container))
      if (followed === null) continue
      followed.restarts = container.restarts
      // A container that has ended once may do so again.
      if (pod.terminating || container.state !== 'running' || container.restarts > 0) followed.ending.abort()
    }
  }

  /** Resolves when, after the signal, all logs are read. */
  async done(): Promise<void> {
    const { signal } = this.#options
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await Promise.all(this.#ends)
  }

  #follow(key: string, pod: PodSnapshot, container: ContainerSnapshot): FollowedContainer {
    const { clock, write, runToken } = this.#options
    const place = { pod: pod.name, container: container.name }
    const served = new ServedBatch({ ...place, clock, write, runToken })
    const { restarts } = container
    const followed = { ...place, restarts, ending: new AbortController(), read: createLineParser(), served, dropped: 0 }
    this.#followed.set(key, followed)
    const end = followContainerLog({
      ...this.#options,
      ...place,
      pod: getApiName(pod.name),
      restarts: () => followed.restarts,
      pauseMs: () => Math.max(pauseMs.least, pauseMs.each * this.#followed.size),
      ending: followed.ending.signal,
      onLines: (lines) => this.#take(followed, lines),
    })
    this.#ends.push(
      end.then((logEnd) => {
        served.flush()
        const end = followed.dropped > 0 ? toDroppedEnd(followed) : logEnd
        write({ type: 'log-read', t: clock.now(), ...place, ...end, requests: served.kept })
      }),
    )
    return followed
  }

  #take(followed: FollowedContainer, lines: readonly ContainerLine[]): void {
    const { clock, wall, write, mostServed } = this.#options
    const { pod, container, read, served } = followed
    const t = clock.now()
    for (const { wallUs, text } of lines) {
      const found = read(text)
      if (found === null) continue
      const instant = wall.fromStamp(wallUs, t)
      if ('id' in found) {
        if (this.#kept >= mostServed) followed.dropped++
        else if (served.add(found, instant)) this.#kept++
        continue
      }
      for (const event of [found].flat())
        write({ type: 'container', t, ...instant, source: 'log', pod, container, ...event })
    }
  }
}

function toDroppedEnd({ dropped }: FollowedContainer): LogEnd {
  return { complete: false, why: `${dropped} of its lines about requests were not kept: there were too many in all` }
}

/** An event log that cannot be written ends the run by itself; code that reads and waits for timers need not handle that. */
function ignoreWriteFault(write: (record: LogRecord) => void): (record: LogRecord) => void {
  return (record) => {
    try {
      write(record)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
  }
}
