/**
 * The names of pods in the log. A StatefulSet gives each new pod the name of the one before: the log tells them apart by a suffix,
 * `shop-0`, `shop-0~2`, `shop-0~3` …, in the order in which they were seen.
 */

import type { KubernetesObject, V1ObjectReference } from '@kubernetes/client-node'
import type { LogRecord } from '../../model/record.ts'

interface Bearer {
  uid: string
  /** When it was first seen, in µs of the run's clock. */
  fromUs: number
  called: string
}

/** Limit for watches of several days; names of pods that left long before are dropped. */
const mostNames = 10_000

/** A character that no Kubernetes name contains. */
const separator = '~'

export class PodNames {
  readonly #byName = new Map<string, Bearer[]>()
  #areUnique = true

  /** The name in the log of a pod seen at an instant; without a UID, the latest pod of that name. */
  nameOf(name: string, uid: string | undefined, atUs: number): string {
    const bearers = this.#byName.get(name) ?? []
    const known = uid === undefined ? bearers.at(-1) : bearers.find((one) => one.uid === uid)
    if (known) return known.called
    if (uid === undefined) return name
    const called = bearers.length === 0 ? name : `${name}${separator}${bearers.length + 1}`
    if (bearers.length > 0) this.#areUnique = false
    this.#byName.set(name, [...bearers, { uid, fromUs: atUs, called }])
    const [oldest] = this.#byName.keys()
    if (oldest !== undefined && this.#byName.size > mostNames) this.#byName.delete(oldest)
    return called
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Returns the pod with its name in the log. */
  renamePod<T extends KubernetesObject>(pod: T, atUs: number): T {
    const { name = '', uid } = pod.metadata ?? {}
    const called = this.nameOf(name, uid, atUs)
    if (called === name) return pod
    return Object.assign({}, pod, { metadata: Object.assign({}, pod.metadata, { name: called }) })
  }

  /** Renames the object of an Event. Events are kept for long: one may concern a pod that was gone before any was seen. */
  renameReference(about: V1ObjectReference): V1ObjectReference {
    const { kind, name = '', uid } = about
    const bearers = kind === 'Pod' && uid !== undefined ? this.#byName.get(name) : undefined
    if (bearers === undefined) return about
    const called = bearers.find((one) => one.uid === uid)?.called ?? `${name}${separator}${uid}`
    return Object.assign({}, about, { name: called })
  }

  /** Answers name their pod by its name in Kubernetes. */
  renameAnswers(records: readonly LogRecord[]): readonly LogRecord[] {
    if (this.#areUnique) return records
    return records.map((record) => {
      if (record.type !== 'request') return record
      const { pod, previousPod, sentUs, settledUs, dueUs, idleUs } = record.request
      const named = {
        pod: this.#nameAt(pod, settledUs),
        previousPod: this.#nameAt(previousPod, (sentUs ?? dueUs) - idleUs),
      }
      return { ...record, request: { ...record.request, ...named } }
    })
  }

  /** A new pod of the same name is made once the one before is gone. */
  #nameAt(name: string | null, atUs: number): string | null {
    if (name === null) return null
    return this.#byName.get(name)?.findLast(({ fromUs }) => fromUs <= atUs)?.called ?? name
  }
}

/** The Kubernetes name of a pod of the log. */
export function getApiName(called: string): string {
  return called.split(separator, 1)[0] ?? called
}
