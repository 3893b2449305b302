/** Runs that measure a target, once its cluster answers. */
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ConfigurationFile } from '../../plan/catalogue.ts'
import { planRounds, resolveScenario } from '../plan-runs.ts'
import type { ComparisonOptions, PlannedRun } from '../plan-runs.ts'
import type { Attachment } from './attachment.ts'
import { formatPreview } from './preview.ts'
import { readTarget } from './read-target.ts'
import type { ReadTarget } from './read-target.ts'
import { addServerName, chooseTlsPort } from './service-tls.ts'

export interface AttachedRuns {
  planned: PlannedRun[]
  objects: ReadTarget['objects']
  /** What they will do. */
  preview: string[]
}

/** Throws a Fault where the target cannot be measured. */
export async function planAttachedRuns(
  cluster: Cluster,
  namespace: string,
  { attachment, asked }: { attachment: Attachment; asked: ComparisonOptions },
): Promise<AttachedRuns> {
  const api = connectApi(cluster.kubeconfig, cluster)
  try {
    const target = await readTarget(attachment, { api, namespace })
    const { workload, replicas, objects } = target
    const file = describeAsItRuns(workload.name)
    const cells = attachment.scenarios.map((scenario) => ({
      scenario: resolveScenario({ ...scenario, replicas, load: addServerName(scenario.load, workload) }, asked),
      file,
      workload: chooseTlsPort(workload, scenario.load),
    }))
    const planned = planRounds(cells, asked)
    return { planned, objects, preview: formatPreview(planned, target) }
  } finally {
    api.close()
  }
}

/** In place of a configuration's file: nothing is configured. */
function describeAsItRuns(name: string): ConfigurationFile {
  const label = name
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 20)
    .replace(/-+$/, '')
  const hypothesis = 'the workload as it runs loses no request'
  return { configuration: { name: label, expects: 'loses-none', hypothesis }, patch: {} }
}
