/** The options that name a cluster of somebody else's, and what they come to. */
import { readContext } from '../plan/kubeconfig.ts'
import type { ContextOptions } from './context/preflight.ts'
import { Fault } from '../base/fault.ts'
import type { ClusterChoice } from './provider.ts'
import { providers } from './providers.ts'

/** As the command line has them. */
export interface ContextCliOptions {
  context?: string
  /** One file, or a list as in $KUBECONFIG. */
  kubeconfig?: string
  allowContext?: string
  /** Where its nodes get the sample images. */
  imageRegistry?: string
}

/** Reads the context that was named, from the user's kubeconfig, which is not looked at again. */
export function resolveContext({ context, kubeconfig, allowContext }: ContextCliOptions): ContextOptions {
  return { context: readContext(context, kubeconfig), ...(allowContext !== undefined && { allowed: allowContext }) }
}

/** Throws a usage Fault for options that would have no effect: what somebody relies on must not be passed over. */
export function rejectUnusedOptions(
  cluster: ClusterChoice,
  { context, allowContext, imageRegistry }: ContextCliOptions,
): void {
  if (cluster !== 'auto' && providers[cluster].facts.isNamedByContext) return
  const idle = { '--context': context, '--allow-context': allowContext, '--image-registry': imageRegistry }
  const given = Object.entries(idle).find(([, value]) => value !== undefined)
  if (!given) return
  const advice = 'Add --cluster kubeconfig, if the cluster of that context is meant.'
  throw new Fault('usage', `Cannot use ${given[0]} with --cluster ${cluster}`, given[0] === '--context' ? advice : '')
}
