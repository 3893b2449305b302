/**
 * Which cluster a kubeconfig was made for. An address, and even a context's name, may lead to another cluster tomorrow; the
 * UID of the namespace kube-system is made with a cluster and goes with it. The identity is kept in the private kubeconfig
 * itself, as an extension: whoever connects by that file is held to it, without having to remember.
 */
import type { V1Namespace } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { Fault } from '../base/fault.ts'

export interface Identity {
  /** As its user calls it. */
  context: string
  /** Of the namespace kube-system. */
  uid: string
}

type ReadPath = (path: string, signal: AbortSignal) => Promise<{ status: number; body: string }>

const extensionName = 'nodrop.dev/identity'
const limitMs = 10_000
const path = '/api/v1/namespaces/kube-system'

/** Preferences of a kubeconfig that nobody but nodrop reads. */
export function createIdentityExtension(identity: Identity): { name: string; extension: Identity } {
  return { name: extensionName, extension: identity }
}

/** `null` for kubeconfigs that were made for no cluster in particular. */
export function parseIdentity(kubeconfig: string): Identity | null {
  const { extensions } = (parse(kubeconfig) ?? {}) as { extensions?: { name: string; extension: Identity }[] | null }
  return extensions?.find(({ name }) => name === extensionName)?.extension ?? null
}

/** Throws a Fault when the API does not say. */
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
   * Resolves when the cluster that answers is still the one; otherwise it throws a Fault, and so it does ever after. Between it and
   * the write that it precedes another cluster could still take the place, but not with another certificate.
   */
  check: () => Promise<void>
  /** To be awaited before every request: a write asks first, and where another cluster answers nothing is even read. */
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
