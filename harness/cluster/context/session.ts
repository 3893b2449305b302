/**
 * The files on this machine while a cluster run by others is used: a private kubeconfig, and the names of the namespaces to be made there,
 * recorded before they are made (law 8). A later command finds there what a killed process could not undo.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../../base/files/bounded-file.ts'
import { createWriteFault, createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { isRunning, getOwnIdentity } from '../embedded/process-identity.ts'
import type { ProcessIdentity } from '../embedded/process-identity.ts'
import { formatScaled } from '../scaled-workloads.ts'
import type { ScaledWorkload } from '../scaled-workloads.ts'

/** `session.json`, with the process that owns the session. */
interface SessionFile extends ProcessIdentity {
  schema: 1
  /** A random id, which is a label of every namespace that is made. */
  session: string
  context: string
  /** The UID of the cluster's namespace kube-system. */
  uid: string
  /** The id of the measurement; absent: it has none, or the file is older. */
  comparison?: string
  namespaces: string[]
  /** Absent in older files, before workloads run by others were scaled. */
  scaled?: ScaledWorkload[]
}

/** Objects that may still be in a cluster. */
export interface Leftovers {
  session: string
  context: string
  uid: string
  comparison: string | null
  namespaces: () => readonly string[]
  forget: (namespace: string) => void
  /** Workloads that may not have their former number of replicas. */
  scaled: () => readonly ScaledWorkload[]
  forgetScaled: (scaled: ScaledWorkload) => void
}

export interface Session extends Leftovers {
  /** Path of the private kubeconfig. */
  kubeconfig: string
  recordNamespace(namespace: string): void
  recordScaled(scaled: ScaledWorkload): void
  /** Ends the session: deletes the credentials, and keeps the record of what is still to be deleted. */
  close(): void
}

const fileName = 'session.json'
const maxBytes = 1024 * 1024

export type SessionSubject = Pick<SessionFile, 'context' | 'uid' | 'comparison'>

/** `kubeconfig` is a text with credentials. Throws a Fault of the kind `environment`, and then leaves nothing behind. */
export function openSession(stateDir: string, about: SessionSubject, kubeconfig: string): Session {
  createDirectory(stateDir, 0o700)
  const directory = makeSessionDirectory(stateDir)
  const session = randomBytes(8).toString('hex')
  const file: SessionFile = { schema: 1, session, ...about, namespaces: [], ...getOwnIdentity() }
  const leftovers = createLeftovers(directory, file)
  const path = join(directory, 'kubeconfig')
  try {
    saveSession(directory, file)
    writeDurably(path, kubeconfig)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
  return {
    ...leftovers,
    kubeconfig: path,
    recordNamespace(namespace) {
      const namespaces = [...file.namespaces, namespace]
      // A namespace that cannot be recorded is not made.
      saveSession(directory, { ...file, namespaces })
      file.namespaces = namespaces
    },
    recordScaled(one) {
      const scaled = [...(file.scaled ?? []), one]
      saveSession(directory, { ...file, scaled })
      file.scaled = scaled
    },
    close() {
      rmSync(path, { force: true })
      removeIfDone(directory, file)
    },
  }
}

function makeSessionDirectory(stateDir: string): string {
  const prefix = join(stateDir, 'session-')
  try {
    return mkdtempSync(prefix)
  } catch (error) {
    throw createWriteFault(prefix, error, 'make the directory')
  }
}

/** What processes that no longer run have left; their credentials are deleted first. */
export function listAbandonedSessions(stateDir: string): Leftovers[] {
  if (!existsSync(stateDir)) return []
  const abandoned: Leftovers[] = []
  for (const name of readdirSync(stateDir)) {
    const directory = join(stateDir, name)
    const file = readSession(directory)
    if (!file || isRunning(file)) continue
    rmSync(join(directory, 'kubeconfig'), { force: true })
    removeIfDone(directory, file)
    if (!isDone(file)) abandoned.push(createLeftovers(directory, file))
  }
  return abandoned
}

/** For people: the names of namespaces and of scaled workloads. */
export function listLeftovers({ namespaces, scaled }: Leftovers): string[] {
  return [...namespaces(), ...scaled().map((one) => `${formatScaled(one)}, scaled to ${one.to}`)]
}

function createLeftovers(directory: string, file: SessionFile): Leftovers {
  const save = (): void => {
    try {
      saveSession(directory, file)
    } catch {
      // The file still names the namespace; a sweep does not find it and goes on.
    }
    if (!isRunning(file)) removeIfDone(directory, file)
  }
  return {
    session: file.session,
    context: file.context,
    uid: file.uid,
    comparison: file.comparison ?? null,
    namespaces: () => file.namespaces,
    forget(namespace) {
      file.namespaces = file.namespaces.filter((name) => name !== namespace)
      save()
    },
    scaled: () => file.scaled ?? [],
    forgetScaled(scaled) {
      file.scaled = (file.scaled ?? []).filter((one) => one !== scaled)
      save()
    },
  }
}

function saveSession(directory: string, file: SessionFile): void {
  writeDurably(join(directory, fileName), `${JSON.stringify(file, null, 2)}\n`)
}

function isDone({ namespaces, scaled = [] }: SessionFile): boolean {
  return namespaces.length === 0 && scaled.length === 0
}

function removeIfDone(directory: string, file: SessionFile): void {
  if (isDone(file)) rmSync(directory, { recursive: true, force: true })
}

/** A file that cannot be read is left alone, because its subject is unknown. */
function readSession(directory: string): SessionFile | null {
  try {
    const file = readJson(join(directory, fileName), maxBytes) as SessionFile
    const { schema, namespaces, scaled = [] } = file
    if (!Array.isArray(scaled)) return null
    const isWhole = schema === 1 && Array.isArray(namespaces) && namespaces.every((name) => typeof name === 'string')
    return isWhole ? file : null
  } catch {
    return null
  }
}
