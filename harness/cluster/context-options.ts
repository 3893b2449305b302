/** The options that name a cluster run by others, and their evaluation. */
import { readContext } from '../plan/kubeconfig.ts'
import type { ContextOptions } from './context/preflight.ts'
import { Fault } from '../base/fault.ts'
import type { ClusterChoice } from './provider.ts'
import { providers } from './providers.ts'

/** In the form of the command line. */
export interface ContextCliOptions {
  context?: string
  /** One file, or a list as in $KUBECONFIG. */
  kubeconfig?: string
  allowContext?: string
  /** The registry from which its nodes pull the sample images. */
  imageRegistry?: string
}

/** Reads the named context from the user's kubeconfig, which is not read again. */
export function resolveContext({ context, kubeconfig, allowContext }: ContextCliOptions): ContextOptions {
  return { context: readContext(context, kubeconfig), ...(allowContext !== undefined && { allowed: allowContext }) }
}

/** Throws a usage Fault for options without an effect: an option that the user relies on must not be ignored. */
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
