/**
 * What pods are called in the log. A StatefulSet gives each new pod the name of the one before it: the log tells them apart by a number
 * behind the name, `shop-0`, `shop-0~2`, `shop-0~3` … in the order in which they were seen.
 */

import type { KubernetesObject, V1ObjectReference } from '@kubernetes/client-node'
import type { LogRecord } from '../../model/record.ts'

interface Bearer {
  uid: string
  /** Run clock, µs: when it was first seen. */
  fromUs: number
  called: string
}

/** A watch may last for days; pods that left long before are not asked for. */
const mostNames = 10_000

/** Of no Kubernetes name. */
const separator = '~'

export class PodNames {
  readonly #byName = new Map<string, Bearer[]>()
  #areUnique = true

  /** What a pod is called that was seen at an instant. Without a UID, the latest of its name. */
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

  /** A pod as it is called. */
  renamePod<T extends KubernetesObject>(pod: T, atUs: number): T {
    const { name = '', uid } = pod.metadata ?? {}
    const called = this.nameOf(name, uid, atUs)
    if (called === name) return pod
    return Object.assign({}, pod, { metadata: Object.assign({}, pod.metadata, { name: called }) })
  }

  /** What an Event is about. One of a pod that was gone before any was seen, of which Events are kept for long, is none of those known. */
  renameReference(about: V1ObjectReference): V1ObjectReference {
    const { kind, name = '', uid } = about
    const bearers = kind === 'Pod' && uid !== undefined ? this.#byName.get(name) : undefined
    if (bearers === undefined) return about
    const called = bearers.find((one) => one.uid === uid)?.called ?? `${name}${separator}${uid}`
    return Object.assign({}, about, { name: called })
  }

  /** Answers name their pods as these call themselves. */
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

  /** A new pod of the same name is made when the one before it is gone. */
  #nameAt(name: string | null, atUs: number): string | null {
    if (name === null) return null
    return this.#byName.get(name)?.findLast(({ fromUs }) => fromUs <= atUs)?.called ?? name
  }
}

/** The name by which the API server knows a pod of the log. */
export function getApiName(called: string): string {
  return called.split(separator, 1)[0] ?? called
}
