/**
 * One context of the user's kubeconfig, complete in itself: what belongs to it and nothing else, files embedded, so that it can
 * be used from a copy and no later change of the original can lead elsewhere. The original is only ever read.
 * Rules: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { readBytes } from '../base/files/bounded-file.ts'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { findClosest } from './closest.ts'
import { readYamlFile } from './yaml-file.ts'
import { formatIssues } from './yaml-issues.ts'

/** A named context with its cluster and user, in the fields that a kubeconfig has for them. */
export interface NamedContext {
  name: string
  /** That kubectl uses without a word. */
  namespace?: string
  cluster: { name: string; fields: ClusterFields }
  user: { name: string; fields: UserFields }
}
export interface ClusterFields extends Record<string, unknown> {
  server: string
}
export interface UserFields extends Record<string, unknown> {
  'client-certificate-data'?: string
  exec?: ExecPlugin
}
/** A program that prints credentials. */
export interface ExecPlugin extends Record<string, unknown> {
  apiVersion: string
  command: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  installHint?: string
}

const clusterSchema = z.looseObject({
  server: z.string().min(1),
  'certificate-authority': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
})
const execSchema = z.looseObject({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
})
const userSchema = z.looseObject({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  tokenFile: z.string().optional(),
  exec: execSchema.optional(),
})
const namespace = z.string().min(1).optional().catch(undefined)
const contextSchema = z.looseObject({ cluster: z.string().min(1), user: z.string().min(1), namespace })
/** Entries are looked at only when they are needed: whatever is wrong with the others is none of our business. */
const entries = z.array(z.looseObject({ name: z.string() })).nullish()
const fileSchema = z.looseObject({ contexts: entries, clusters: entries, users: entries })

/** A bundle of every public authority has a quarter of it. */
const maxReferencedFileBytes = 1024 * 1024

interface Entry {
  name: string
  /** Of the file that it is in. */
  directory: string
  /** `file:line:column`. */
  place: string
  value: unknown
}
type Entries = Record<'contexts' | 'clusters' | 'users', Entry[]>

/**
 * Reads the context `name` from the files of `kubeconfig`, a list as in $KUBECONFIG (default: ~/.kube/config), whichever is the
 * current one. Throws a usage Fault when something that it needs is missing or cannot be copied.
 */
export function readContext(name: string | undefined, kubeconfig?: string): NamedContext {
  const all = readEntries(kubeconfig ?? getDefaultPath())
  const known = all.contexts.map((context) => context.name)
  if (name === undefined) {
    const advice = known.length === 0 ? 'There are no contexts in it.' : `There are: ${known.join(', ')}.`
    throw new Fault('usage', 'Cannot choose a cluster of the kubeconfig: name it with --context', advice)
  }
  const entry = all.contexts.find((context) => context.name === name)
  if (!entry) {
    const near = findClosest(name, known)
    const others = known.length === 0 ? 'There are no contexts in it.' : `There are: ${known.join(', ')}.`
    const advice = near === undefined ? others : `Did you mean ${near}? ${others}`
    throw new Fault('usage', `Cannot find the context "${name}" in the kubeconfig`, advice)
  }
  const context = parseEntry(contextSchema, entry, 'context')
  const cluster = findEntry(all.clusters, context.cluster, `cluster of the context ${name}`)
  const user = findEntry(all.users, context.user, `user of the context ${name}`)
  const fields = readClusterFields(cluster)
  return {
    name,
    ...(context.namespace !== undefined && { namespace: context.namespace }),
    cluster: { name: cluster.name, fields },
    user: { name: user.name, fields: readUserFields(user, fields) },
  }
}

/** `~/.kube/config`. Throws a usage Fault for a user without a home. */
export function getDefaultPath(): string {
  try {
    return join(homedir(), '.kube', 'config')
  } catch {
    throw new Fault(
      'usage',
      'Cannot look for your kubeconfig: this user has no home, and HOME is not set',
      'Give --kubeconfig.',
    )
  }
}

/** As kubectl merges: of entries with the same name the first wins, and files of a list may be missing. */
function readEntries(kubeconfig: string): Entries {
  const all: Entries = { contexts: [], clusters: [], users: [] }
  const paths = kubeconfig.split(delimiter).filter((path) => path !== '')
  let missing: unknown = new Fault('usage', 'Cannot read the kubeconfig: no file is named')
  let read = 0
  for (const path of paths.map((path) => resolve(path))) {
    try {
      addEntries(all, path)
      read++
    } catch (error) {
      if (!(error instanceof Fault) || !error.message.includes('ENOENT')) throw error
      missing = error
    }
  }
  if (read === 0) {
    const advice = 'Say where the kubeconfig is with --kubeconfig FILE or the environment variable KUBECONFIG.'
    throw new Fault('usage', getErrorMessage(missing), advice)
  }
  return all
}

function addEntries(all: Entries, path: string): void {
  const file = readYamlFile(path)
  const parsed = fileSchema.safeParse(file.documents[0] ?? {})
  if (!parsed.success) throw new Fault('usage', `${path} is not a kubeconfig:\n${formatIssues(file, parsed.error)}`)
  if (file.documents.length > 1) {
    throw new Fault('usage', `${file.findPlace(1)}: ${path} is not a kubeconfig: it has more than one document`)
  }
  const keys = { contexts: 'context', clusters: 'cluster', users: 'user' } as const
  for (const [list, key] of Object.entries(keys) as ['contexts' | 'clusters' | 'users', string][]) {
    for (const [index, entry] of (parsed.data[list] ?? []).entries()) {
      const { name } = entry
      if (all[list].some((other) => other.name === name)) continue
      const place = file.findPlace(0, [list, index])
      all[list].push({ name, place, directory: dirname(path), value: entry[key] ?? {} })
    }
  }
}

function findEntry(list: Entry[], name: string, what: string): Entry {
  const entry = list.find((one) => one.name === name)
  if (!entry) throw new Fault('usage', `Cannot find "${name}" in the kubeconfig, the ${what}`)
  return entry
}

function parseEntry<T>(schema: z.ZodType<T>, { name, place, value }: Entry, what: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault('usage', `${place}: cannot use the ${what} "${name}":\n${z.prettifyError(parsed.error)}`)
}

function readClusterFields(entry: Entry): ClusterFields {
  const { extensions: _, ...fields } = parseEntry(clusterSchema, entry, 'cluster')
  const { protocol = '', host = '' } = URL.parse(fields.server) ?? {}
  if (protocol !== 'https:') {
    // Only so much of it: what stands before a host may be a password.
    const found = host === '' ? 'something else' : `${protocol}//${host}`
    throw new Fault(
      'usage',
      `Cannot use the cluster "${entry.name}": its server must be an https address, found ${found}`,
    )
  }
  rejectUnsupportedFields(entry, fields, 'cluster', ['proxy-url'])
  return embedFiles(entry, fields, ['certificate-authority']) as ClusterFields
}

function readUserFields(entry: Entry, cluster: ClusterFields): UserFields {
  const { extensions: _, tokenFile, exec, ...fields } = parseEntry(userSchema, entry, 'user')
  if (tokenFile !== undefined) readReferencedFile(entry, 'tokenFile', tokenFile)
  // A client that left these out would act as somebody else than kubectl does.
  rejectUnsupportedFields(entry, fields, 'user', ['as-uid', 'as-groups', 'as-user-extra'])
  return {
    ...embedFiles(entry, fields, ['client-certificate', 'client-key']),
    ...(exec && { exec: resolveExecPlugin(entry, exec as ExecPlugin, cluster) }),
    // Tokens in files are renewed there; the client reads them again, under this name.
    ...(tokenFile !== undefined && {
      'auth-provider': { name: 'tokenFile', config: { tokenFile: resolve(entry.directory, tokenFile) } },
    }),
  }
}

function rejectUnsupportedFields(
  { name }: Entry,
  fields: Record<string, unknown>,
  what: string,
  names: string[],
): void {
  const present = names.filter((field) => fields[field] !== undefined)
  if (present.length === 0) return
  const advice = `Use a context without ${present.join(' and ')}.`
  throw new Fault('usage', `Cannot use the ${what} "${name}": nodrop does not support ${present.join(', ')}`, advice)
}

/** What is in files beside the kubeconfig, in it; what is there twice is taken from the data, as kubectl does. */
function embedFiles(entry: Entry, fields: Record<string, unknown>, names: string[]): Record<string, unknown> {
  const copy = { ...fields }
  for (const name of names) {
    const path = copy[name]
    delete copy[name]
    if (typeof path !== 'string' || path === '' || copy[`${name}-data`] !== undefined) continue
    copy[`${name}-data`] = readReferencedFile(entry, name, path).toString('base64')
  }
  return copy
}

/** Throws a usage Fault for anything but a small regular file: what reads a token again later has no limit of its own. */
function readReferencedFile({ name, place, directory }: Entry, field: string, path: string): Buffer {
  try {
    return readBytes(resolve(directory, path), maxReferencedFileBytes)
  } catch (error) {
    throw new Fault('usage', `${place}: the ${field} of "${name}" in the kubeconfig: ${getErrorMessage(error)}`)
  }
}

/**
 * A plugin's relative path counts from its kubeconfig; a name alone is looked for in $PATH. Plugins are told what they are
 * asked for in a variable (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
function resolveExecPlugin({ directory }: Entry, exec: ExecPlugin, cluster: ClusterFields): ExecPlugin {
  const byPath = exec.command.includes('/') && !isAbsolute(exec.command)
  const spec = { interactive: false, ...(exec['provideClusterInfo'] === true && { cluster }) }
  const info = JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', spec })
  return {
    ...exec,
    command: byPath ? join(directory, exec.command) : exec.command,
    args: exec.args ?? [],
    env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: info }],
  }
}
