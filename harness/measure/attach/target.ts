/** The name of a workload that runs already, in kubectl's notation. */
import { Fault } from '../../base/fault.ts'
import type { WorkloadKind } from '../../model/workload.ts'

/** By the kind before the name. */
export const workloadKindByTarget = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  service: 'Service',
} as const satisfies Record<string, WorkloadKind>

export interface Target {
  kind: keyof typeof workloadKindByTarget
  name: string
  /** `null`: that of the context, else `default`. */
  namespace: string | null
}

const kinds: Readonly<Record<string, Target['kind']>> = {
  deploy: 'deployment',
  deployment: 'deployment',
  deployments: 'deployment',
  'deployment.apps': 'deployment',
  'deployments.apps': 'deployment',
  sts: 'statefulset',
  statefulset: 'statefulset',
  statefulsets: 'statefulset',
  'statefulset.apps': 'statefulset',
  'statefulsets.apps': 'statefulset',
  ds: 'daemonset',
  daemonset: 'daemonset',
  daemonsets: 'daemonset',
  'daemonset.apps': 'daemonset',
  'daemonsets.apps': 'daemonset',
  service: 'service',
  services: 'service',
  svc: 'service',
}

/** `deployment/shop`. */
export function formatTarget({ kind, name }: { kind: string; name: string }): string {
  return `${kind.toLowerCase()}/${name}`
}

/** Throws a usage Fault for anything but `KIND/NAME` of a kind that can be measured. */
export function parseTarget(text: string, namespace?: string): Target {
  const [, kind = '', name = ''] = /^([a-z.]+)\/([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/.exec(text) ?? []
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (known === undefined) {
    const forms = 'deployment/NAME, statefulset/NAME, daemonset/NAME or service/NAME'
    throw new Fault('usage', `Cannot measure ${JSON.stringify(text)}: must be ${forms}`)
  }
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new Fault('usage', `Cannot use --namespace ${JSON.stringify(namespace)}: must be the name of a namespace`)
  }
  return { kind: known, name, namespace: namespace ?? null }
}
