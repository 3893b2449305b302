/**
 * Our own watch loop: arrival is stamped before parsing, a cut stream resumes at its position, and a time without observation is reported
 * as a gap. (The client's informer stops on most errors and has no clock.) Kubernetes API concepts, "Efficient detection of changes":
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
import type { KubernetesObject } from '@kubernetes/client-node'
import type { Clock } from '../base/clock.ts'
import { getErrorMessage } from '../base/fault.ts'
import { pause } from '../base/polling.ts'
import { LineSplitter } from './response-body.ts'
import type { KubeApi } from './api.ts'

export interface ObservedChange<T extends KubernetesObject> {
  change: 'added' | 'modified' | 'deleted'
  object: T
  /** In µs of the run's clock. */
  atUs: number
}

export interface WatchOptions<T extends KubernetesObject> {
  api: KubeApi
  /** Path of the collection, for example `/api/v1/namespaces/x/pods`. */
  path: string
  query?: Record<string, string>
  clock: Clock
  onChange: (seen: ObservedChange<T>) => void
  /** From `fromUs` until now changes were not observed when they happened. */
  onGap: (fromUs: number, why: string) => void
  signal: AbortSignal
}

const retryMs = { first: 100, most: 2_000 }
/** A watch shorter than this counts as ended at once. */
const shortUs = 1_000_000
/** The server ends a watch after this time; one that exceeds the limit has a dead connection. */
const lastsSeconds = 290
const limitMs = 320_000

/** Resolves once the first list is complete; continues until `signal` aborts. Rejects when the first list fails. */
export async function startWatch<T extends KubernetesObject>(
  options: WatchOptions<T>,
): Promise<{ done: Promise<void> }> {
  const loop = new WatchLoop(options)
  await loop.list()
  return { done: loop.follow() }
}

class WatchLoop<T extends KubernetesObject> {
  readonly #options: WatchOptions<T>
  readonly #known = new Map<string, T>()
  #version = ''

  constructor(options: WatchOptions<T>) {
    this.#options = options
  }

  /** Lists all objects; those missing since the last time are reported as deleted. */
  async list(): Promise<void> {
    const { api, clock, signal } = this.#options
    const { status, body } = await api.request({ path: this.#path({}), signal })
    const atUs = clock.now()
    if (status !== 200) throw new Error(`list answered ${status}: ${body.slice(0, 200)}`)
    const list = JSON.parse(body) as { metadata: { resourceVersion: string }; items: T[] }
    this.#version = list.metadata.resourceVersion
    const present = new Set(list.items.map(getUid))
    for (const [uid, object] of this.#known) if (!present.has(uid)) this.#see({ change: 'deleted', object, atUs })
    for (const object of list.items) {
      const known = this.#known.get(getUid(object))
      if (known?.metadata?.resourceVersion === object.metadata?.resourceVersion) continue
      this.#see({ change: known ? 'modified' : 'added', object, atUs })
    }
  }

  async follow(): Promise<void> {
    const { clock, signal, onGap } = this.#options
    let blindFromUs: number | null = null
    let shortOnes = 0
    while (!signal.aborted) {
      const beganUs = clock.now()
      let isBroken = false
      try {
        await this.#stream(() => {
          if (blindFromUs !== null) onGap(blindFromUs, 'the watch was cut and resumed')
          blindFromUs = null
        })
      } catch (error) {
        if (signal.aborted) return
        const fromUs = (blindFromUs ??= clock.now())
        if (error instanceof ResourceExpiredError) {
          await this.list().catch(() => {})
          onGap(fromUs, `changes were lost: ${getErrorMessage(error)}`)
          blindFromUs = null
        } else isBroken = true
      }
      shortOnes = clock.now() - beganUs < shortUs ? shortOnes + 1 : 0
      // A watch that ends normally is followed by the next at once, but not repeatedly.
      const pauses = isBroken ? Math.max(1, shortOnes) : shortOnes - 1
      if (pauses < 1) continue
      blindFromUs ??= clock.now()
      await pause(Math.min(retryMs.first * 2 ** (pauses - 1), retryMs.most), signal)
    }
  }

  /** One watch request; returns when the server ends it normally (its timeout), throws when it breaks. */
  async #stream(onOpen: () => void): Promise<void> {
    const { api, clock, signal } = this.#options
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(lastsSeconds),
      resourceVersion: this.#version,
    }
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    const response = await api.open({ path: this.#path(query), signal: bounded })
    if (response.statusCode === 410) throw new ResourceExpiredError('resource version expired')
    if (response.statusCode !== 200) {
      response.resume()
      throw new Error(`watch answered ${response.statusCode}`)
    }
    onOpen()
    const splitter = new LineSplitter()
    for await (const chunk of response) {
      const atUs = clock.now()
      for (const line of splitter.push(chunk as Buffer)) if (line !== '') this.#take(line, atUs)
    }
  }

  #take(line: string, atUs: number): void {
    const { type, object } = JSON.parse(line) as { type: string; object: T & { code?: number; message?: string } }
    if (type === 'ERROR') {
      if (object.code === 410) throw new ResourceExpiredError(object.message ?? 'resource version expired')
      throw new Error(object.message ?? 'watch error')
    }
    this.#version = object.metadata?.resourceVersion ?? this.#version
    if (type === 'ADDED') this.#see({ change: 'added', object, atUs })
    else if (type === 'MODIFIED') this.#see({ change: 'modified', object, atUs })
    else if (type === 'DELETED') this.#see({ change: 'deleted', object, atUs })
  }

  #see(seen: ObservedChange<T>): void {
    const uid = getUid(seen.object)
    if (seen.change === 'deleted') this.#known.delete(uid)
    else this.#known.set(uid, seen.object)
    this.#options.onChange(seen)
  }

  #path(query: Record<string, string>): string {
    return `${this.#options.path}?${new URLSearchParams({ ...this.#options.query, ...query }).toString()}`
  }
}

class ResourceExpiredError extends Error {}

function getUid(object: KubernetesObject): string {
  return object.metadata?.uid ?? ''
}
