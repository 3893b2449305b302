/** All checks of a context before anything is done there, in the order in which it makes sense to repair them. */
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { createApi } from '../api.ts'
import type { KubeApi } from '../api.ts'
import { canDoEverything, findMissingPermissions, formatPermissions } from './permissions.ts'
import type { Permission } from './permissions.ts'
import { checkCredentials, checkReachable } from './reachability.ts'
import { checkSafety } from './safety.ts'
import { createIdentityExtension, readIdentity } from '../identity.ts'
import type { MachineCheck } from '../machine-check.ts'

export interface ContextOptions {
  context: NamedContext
  /** The one context that is allowed although it may look like production or be publicly reachable. */
  allowed?: string
  /** The needs of a run on a workload that runs already, in its namespace; `own`: elsewhere. */
  target?: { namespace: string; needs: readonly Permission[]; own: readonly Permission[] }
}

export interface InspectOptions extends ContextOptions {
  needs: readonly Permission[]
  /** Time limit for the server's answers; default: 10 s. */
  answerLimitMs?: number
  /** Gets the result of every check, including the one that failed. */
  onCheck?: (check: MachineCheck) => void
}

export interface ContextInspection {
  version: string
  /** The UID of the namespace kube-system. */
  uid: string
}

/** Sends nothing to a cluster that is not allowed, and writes nothing to any. Throws a Fault for the first check that fails. */
export async function inspectContext(options: InspectOptions): Promise<ContextInspection> {
  const { context, allowed, target, needs, answerLimitMs = 10_000, onCheck } = options
  const runCheck = async (name: string, act: () => Promise<string>): Promise<string> => {
    try {
      const found = await act()
      onCheck?.({ name, ok: true, found, fix: '' })
      return found
    } catch (error) {
      const { kind, message, advice } =
        error instanceof Fault ? error : new Fault('environment', getErrorMessage(error), 'Is the cluster in order?')
      onCheck?.({ name, ok: false, found: message, fix: advice })
      throw new Fault(kind, `Cannot use the context ${context.name}: ${message}`, advice, { cause: error })
    }
  }
  const doings =
    target && `Load is sent to what runs in the namespace ${target.namespace}, while its pods are replaced or removed.`
  await runCheck('allowed', () => checkSafety(context, allowed, doings))
  await runCheck('credentials', () => checkCredentials(context))
  const api = createApi(buildKubeconfig(context))
  try {
    const version = await runCheck('reachable', () => checkReachable(api, context, answerLimitMs))
    await runCheck('permissions', () => checkPermissions(api, needs, target))
    const uid = await runCheck('identity', () => readIdentity((path, signal) => api.request({ path, signal })))
    return { version, uid }
  } finally {
    api.close()
  }
}

async function checkPermissions(
  api: KubeApi,
  needs: readonly Permission[],
  target: ContextOptions['target'],
): Promise<string> {
  if (target) await checkTargetPermissions(api, target)
  const missing = await findMissingPermissions(api, needs)
  if (missing.length > 0) {
    const role = target ? 'manifests/rbac/attach.yaml' : 'manifests/rbac/nodrop.yaml (drain.yaml those for nodes)'
    const advice = `An administrator of the cluster can grant them: ${role} has them, and says how.`
    throw new Fault('environment', `its user lacks permissions: ${formatPermissions(missing)}`, advice)
  }
  return (await canDoEverything(api))
    ? `all that is needed, and everything else: manifests/rbac/${target ? 'attach' : 'nodrop'}.yaml would be enough`
    : 'all that is needed'
}

async function checkTargetPermissions(api: KubeApi, target: NonNullable<ContextOptions['target']>): Promise<void> {
  const { namespace, needs } = target
  const missing = await findMissingPermissions(api, needs, namespace)
  if (missing.length > 0) throw createMissingFault(missing, namespace)
}

/** For a workload that runs already in a namespace. */
export function createMissingFault(missing: readonly Permission[], namespace: string): Fault {
  const advice =
    'An administrator of the cluster can grant them: manifests/rbac/attach.yaml has them, drain.yaml those for nodes, and says how.'
  const what = `permissions in the namespace ${namespace}: ${formatPermissions(missing)}`
  return new Fault('environment', `its user lacks ${what}`, advice)
}

/** A kubeconfig with one context; with the UID of kube-system it allows writes to that cluster only. */
export function buildKubeconfig({ name, cluster, user }: NamedContext, uid?: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster.name, cluster: cluster.fields }],
    users: [{ name: user.name, user: user.fields }],
    contexts: [{ name, context: { cluster: cluster.name, user: user.name } }],
    'current-context': name,
    ...(uid !== undefined && { extensions: [createIdentityExtension({ context: name, uid })] }),
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
