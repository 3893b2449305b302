/**
 * One context of the user's kubeconfig, self-contained: its own entries and nothing else, with files embedded, so that a copy can be used
 * and later changes of the original have no effect. The original is only ever read. Rules:
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { readBytes } from '../base/files/bounded-file.ts'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { findClosest } from './closest.ts'
import { readYamlFile } from './yaml-file.ts'
import { formatIssues } from './yaml-issues.ts'

/** A named context with its cluster and user, in the form of a kubeconfig. */
export interface NamedContext {
  name: string
  /** kubectl's default namespace. */
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
/** Entries are checked only when they are needed: problems of others do not matter. */
const entries = z.array(z.looseObject({ name: z.string() })).nullish()
const fileSchema = z.looseObject({ contexts: entries, clusters: entries, users: entries })

/** A bundle of all public authorities has a quarter of this size. */
const maxReferencedFileBytes = 1024 * 1024

interface Entry {
  name: string
  /** The directory of its file. */
  directory: string
  /** `file:line:column`. */
  place: string
  value: unknown
}
type Entries = Record<'contexts' | 'clusters' | 'users', Entry[]>

/**
 * Reads the context `name` from the files of `kubeconfig`, a list as in $KUBECONFIG (default: ~/.kube/config), not the current one.
 * Throws a usage Fault when something that it needs is missing or cannot be copied.
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

/** Merges like kubectl: the first of several entries with the same name wins, and listed files may be missing. */
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
    // Only this part, because text before a host may be a password.
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
  // A client that ignored these would act as another user than kubectl does.
  rejectUnsupportedFields(entry, fields, 'user', ['as-uid', 'as-groups', 'as-user-extra'])
  return {
    ...embedFiles(entry, fields, ['client-certificate', 'client-key']),
    ...(exec && { exec: resolveExecPlugin(entry, exec as ExecPlugin, cluster) }),
    // Token files are renewed in place; the client reads them again, at this path.
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

/** Embeds files beside the kubeconfig; embedded data takes precedence over a file, as in kubectl. */
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

/** Throws a usage Fault for anything but a small regular file: the code that rereads a token has no limit of its own. */
function readReferencedFile({ name, place, directory }: Entry, field: string, path: string): Buffer {
  try {
    return readBytes(resolve(directory, path), maxReferencedFileBytes)
  } catch (error) {
    throw new Fault('usage', `${place}: the ${field} of "${name}" in the kubeconfig: ${getErrorMessage(error)}`)
  }
}

/**
 * A plugin's relative path is resolved against its kubeconfig; a name alone is searched in $PATH. A variable describes the request to
 * plugins (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
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
