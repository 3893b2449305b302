/** The servers' own evidence: the pods with their addresses, and the requests that each of them had. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { startWatch } from '../../cluster/watch.ts'
import { Fault } from '../../base/fault.ts'
import { followContainerLog } from '../../run/observe/follow-container-log.ts'
import { nowMs } from '../stage/case-context.ts'
import { selector } from './workload.ts'

export interface ServerPod {
  name: string
  ip: string
  /** Since when it was seen to have this address; wall clock, ms. */
  fromMs: number
}

export interface ServerObservations {
  pods: ServerPod[]
  /** The pod whose server had a request, by the request's id; a log that was not read to its end lacks some. */
  requests: ReadonlyMap<string, string>
}

/** Its watch and its connections end when it is disposed of. */
export interface ServerListener extends AsyncDisposable {
  /** Stops listening: logs are read to their present ends. */
  end(): Promise<ServerObservations>
}

/** Logged by a server as soon as it has a request's head. */
interface RequestLine {
  event: 'request'
  id: string
}

const clock = { originUs: 0, now: () => Math.round(nowMs() * 1000) }
/** The pause between two readings of a log, in ms: it is read completely when its pod ends. */
const pauseMs = 30_000

/** Listens to all pods of the workload that are created from now on. */
export async function listenToServers(kubeconfig: string): Promise<ServerListener> {
  const api = connectApi(kubeconfig)
  const stop = new AbortController()
  const servers = new ServerLogReader(api, stop.signal)
  let gapReason: string | null = null
  const { done } = await startWatch<V1Pod>({
    api,
    path: '/api/v1/pods',
    query: { labelSelector: selector },
    clock,
    onChange: ({ object }) => servers.onPod(object),
    onGap: (_, why) => (gapReason ??= why),
    signal: stop.signal,
  })
  const stopListening = async (): Promise<ServerObservations> => {
    stop.abort()
    await done
    return servers.readObservations()
  }
  return {
    async end() {
      // The last lines of a server may still be on their way.
      await sleep(500)
      const heard = await stopListening()
      if (gapReason !== null) throw new Fault('unknown', `Cannot determine which pods there were: ${gapReason}`)
      return heard
    },
    async [Symbol.asyncDispose]() {
      await stopListening()
      api.close()
    },
  }
}

class ServerLogReader {
  readonly #api: KubeApi
  readonly #signal: AbortSignal
  readonly #pods = new Map<string, ServerPod>()
  readonly #ending = new Map<string, AbortController>()
  readonly #requests = new Map<string, string>()
  readonly #logs: Promise<unknown>[] = []

  constructor(api: KubeApi, signal: AbortSignal) {
    this.#api = api
    this.#signal = signal
  }

  onPod({ metadata, status }: V1Pod): void {
    const { uid = '', name = '', namespace = '', deletionTimestamp } = metadata ?? {}
    const ip = status?.podIP
    if (ip !== undefined && !this.#pods.has(uid)) this.#pods.set(uid, { name, ip, fromMs: nowMs() })
    if (status?.containerStatuses?.[0]?.state?.waiting === undefined && this.#pods.has(uid) && !this.#ending.has(uid)) {
      this.#follow(uid, namespace, name)
    }
    if (deletionTimestamp !== undefined) this.#ending.get(uid)?.abort()
  }

  async readObservations(): Promise<ServerObservations> {
    await Promise.all(this.#logs)
    return { pods: [...this.#pods.values()], requests: this.#requests }
  }

  #follow(uid: string, namespace: string, pod: string): void {
    const ending = new AbortController()
    this.#ending.set(uid, ending)
    const log = followContainerLog({
      api: this.#api,
      namespace,
      pod,
      container: 'app',
      onLines: (lines) => lines.forEach(({ text }) => this.#take(pod, text)),
      restarts: () => 0,
      pauseMs: () => pauseMs,
      ending: ending.signal,
      signal: this.#signal,
    })
    this.#logs.push(log)
  }

  #take(pod: string, text: string): void {
    if (!text.includes('"event": "request"')) return
    const { id } = JSON.parse(text) as RequestLine
    this.#requests.set(id, pod)
  }
}
