/** The settings for a workload that runs already, read from its cluster. Nothing is written there. */
import { createApi } from '../../cluster/api.ts'
import { resolveContext } from '../../cluster/context-options.ts'
import type { ContextCliOptions } from '../../cluster/context-options.ts'
import { buildKubeconfig, inspectContext } from '../../cluster/context/preflight.ts'
import { readTarget } from './read-target.ts'
import type { ReadTarget } from './read-target.ts'
import { parseTarget } from './target.ts'
import type { Target } from './target.ts'

export interface TargetDescription {
  kind: Target['kind']
  name: string
  namespace: string
  context: string
  /** The path of the readiness probe; `null` if it does not use HTTP. */
  probePath: string | null
  replicas: number
  service: { name: string; port: number | undefined }
}

/** Throws a Fault if the target does not exist, or cannot be measured in its present state. */
export async function describeTarget(
  text: string,
  options: ContextCliOptions & { namespace?: string },
): Promise<TargetDescription> {
  const target = parseTarget(text, options.namespace)
  const { context } = resolveContext(options)
  const namespace = target.namespace ?? context.namespace ?? 'default'
  // Reading is allowed in any context.
  await inspectContext({ context, allowed: context.name, needs: [] })
  const api = createApi(buildKubeconfig(context))
  try {
    const attachment = { target, path: null, podHeader: null, scenarios: [], isDryRun: true }
    const { workload, replicas, objects } = await readTarget(attachment, { api, namespace })
    const { name, ports } = workload.service
    return {
      kind: target.kind,
      name: target.name,
      namespace,
      context: context.name,
      probePath: hasProbe(objects) ? workload.path : null,
      replicas,
      service: { name, port: ports[0]?.port },
    }
  } finally {
    api.close()
  }
}

/** Without one, the path is a guess. */
function hasProbe(objects: ReadTarget['objects']): boolean {
  return /"readinessProbe":\{[^{}]*"httpGet":\{[^{}]*"path":/.test(JSON.stringify(objects))
}
