/**
 * The cluster for which a kubeconfig was made. An address, and even a context's name, may later lead to another cluster; the UID of the
 * namespace kube-system is created and deleted with its cluster. The identity is stored in the private kubeconfig itself, as an extension,
 * so that every client of that file is restricted to it.
 */
import type { V1Namespace } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { Fault } from '../base/fault.ts'

export interface Identity {
  /** The name that its user gives it. */
  context: string
  /** The UID of the namespace kube-system. */
  uid: string
}

type ReadPath = (path: string, signal: AbortSignal) => Promise<{ status: number; body: string }>

const extensionName = 'nodrop.dev/identity'
const limitMs = 10_000
const path = '/api/v1/namespaces/kube-system'

/** An extension of a kubeconfig that only nodrop reads. */
export function createIdentityExtension(identity: Identity): { name: string; extension: Identity } {
  return { name: extensionName, extension: identity }
}

/** `null` for kubeconfigs that are not bound to a cluster. */
export function parseIdentity(kubeconfig: string): Identity | null {
  const { extensions } = (parse(kubeconfig) ?? {}) as { extensions?: { name: string; extension: Identity }[] | null }
  return extensions?.find(({ name }) => name === extensionName)?.extension ?? null
}

/** Throws a Fault if the API does not return it. */
export async function readIdentity(read: ReadPath): Promise<string> {
  const { status, body } = await read(path, AbortSignal.timeout(limitMs))
  const uid = status === 200 ? (JSON.parse(body) as V1Namespace).metadata?.uid : undefined
  if (uid !== undefined) return uid
  const why = status === 200 ? 'kube-system has no UID' : `GET ${path} was answered with ${status}`
  const advice = 'Its user must be allowed to get the namespace kube-system, whose UID tells one cluster from another.'
  throw new Fault('environment', `Cannot identify the cluster: ${why}`, advice)
}

export interface IdentityGuard {
  /**
   * Resolves when the answering cluster is still the same; otherwise it throws a Fault, now and on every later call. Between the check and
   * the write after it another cluster could still take its place, but not with another certificate.
   */
  check: () => Promise<void>
  /** To be awaited before every request: a write is preceded by the check, and once another cluster has answered, reads are refused too. */
  admit: (method: string) => Promise<void>
  /** Aborts when another cluster was found. */
  changed: AbortSignal
}

export function createIdentityGuard(identity: Identity | null, read: ReadPath): IdentityGuard {
  const moved = new AbortController()
  const checkIdentity = async (): Promise<void> => {
    if (!identity) return
    moved.signal.throwIfAborted()
    const uid = await readIdentity(read)
    if (uid === identity.uid) return
    const fault = new Fault(
      'unknown',
      `the context ${identity.context} now leads to another cluster: kube-system has the UID ${uid} and had ${identity.uid}`,
      'Nothing was written to that cluster. What the run made in the first one is deleted by nodrop sweep, when it is back.',
    )
    moved.abort(fault)
    throw fault
  }
  const admitRequest = async (method: string): Promise<void> => {
    moved.signal.throwIfAborted()
    if (method !== 'GET') await checkIdentity()
  }
  return { check: checkIdentity, admit: admitRequest, changed: moved.signal }
}
