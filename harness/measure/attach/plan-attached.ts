/** Plans runs that measure a target, once its cluster answers. */
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ConfigurationFile } from '../../plan/catalogue.ts'
import { listDisruptPermissions } from '../../cluster/context/attach-permissions.ts'
import { findMissingPermissions } from '../../cluster/context/permissions.ts'
import { createMissingFault } from '../../cluster/context/preflight.ts'
import { Fault } from '../../base/fault.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { LoadPlan } from '../../model/plan.ts'
import { listDisruptions } from '../../model/steps/order.ts'
import type { Workload } from '../../model/workload.ts'
import { planRounds, resolveScenario } from '../plan-runs.ts'
import type { ComparisonOptions, PlannedRun } from '../plan-runs.ts'
import type { Attachment } from './attachment.ts'
import { resolveOutside } from './outside.ts'
import { describePreview } from './preview.ts'
import type { Preview } from './preview.ts'
import { readTarget } from './read-target.ts'
import type { Place, ReadTarget } from './read-target.ts'
import { addServerName, chooseTlsPort } from './service-tls.ts'
import { formatTarget } from './target.ts'

export interface AttachedRuns {
  planned: PlannedRun[]
  objects: ReadTarget['objects']
  /** What the runs will do. */
  preview: Preview
}

/** Throws a Fault if the target cannot be measured. */
export async function planAttachedRuns(
  cluster: Cluster,
  namespace: string,
  { attachment, asked }: { attachment: Attachment; asked: ComparisonOptions },
): Promise<AttachedRuns> {
  const api = connectApi(cluster.kubeconfig, cluster)
  try {
    const { url } = attachment
    const via = url === null ? asked.via : await resolveOutside(url)
    const target = await readTarget(attachment, { api, namespace })
    const { workload, replicas, objects } = target
    for (const { name, steps } of attachment.scenarios)
      for (const { step } of listDisruptions(steps)) rejectImpossible(name, step, workload)
    if (attachment.target.kind === 'service') await checkDisruptPermissions(attachment, workload, { api, namespace })
    const file = describeAsItRuns(workload.name)
    // From outside, the certificate is not that of the Service.
    const nameServer = url === null ? addServerName : (load: LoadPlan): LoadPlan => load
    const cells = attachment.scenarios.map((scenario) => ({
      scenario: resolveScenario({ ...scenario, replicas, load: nameServer(scenario.load, workload) }, asked),
      file,
      workload: chooseTlsPort(workload, scenario.load),
    }))
    const planned = planRounds(cells, { ...asked, via })
    return { planned, objects, preview: describePreview(planned, target, asked.connectionTracking) }
  } finally {
    api.close()
  }
}

/** Throws a usage Fault for a disruption that is impossible with this controller, or without one. */
function rejectImpossible(name: string, disruption: Disruption, { kind, name: called }: Workload): void {
  const what = `Cannot perform ${name} on ${formatTarget({ kind, name: called })}`
  const ofController = ['rollout-restart', 'scale', 'autoscale'].includes(disruption.kind)
  if (kind === 'Service' && ofController) {
    const why = 'its pods are not those of one Deployment, StatefulSet or DaemonSet'
    throw new Fault(
      'usage',
      `${what}: ${why}`,
      'Name the workload in place of the Service, or give a command after --.',
    )
  }
  if (kind !== 'DaemonSet') return
  if (['scale', 'autoscale'].includes(disruption.kind)) throw new Fault('usage', `${what}: it has a pod on each node`)
  if (disruption.kind === 'drain') throw new Fault('usage', `${what}: its pods come back to a node that is cordoned`)
}

/** For a Service, the controller is only known now. */
async function checkDisruptPermissions(
  { scenarios }: Attachment,
  { kind }: Workload,
  { api, namespace }: Place,
): Promise<void> {
  const needs = scenarios
    .flatMap(({ steps }) => listDisruptions(steps))
    .flatMap(({ step }) => listDisruptPermissions(step.kind, kind))
  const missing = await findMissingPermissions(api, needs, namespace)
  if (missing.length > 0) throw createMissingFault(missing, namespace)
}

/** In place of a configuration's file: nothing is configured. */
function describeAsItRuns(name: string): ConfigurationFile {
  const label = name
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 20)
    .replace(/-+$/, '')
  return { configuration: { name: label, hypothesis: 'the workload as it runs' }, patch: {} }
}
