/** The name of what is measured where it runs, in kubectl's words. */
import { Fault } from '../../base/fault.ts'

export interface Target {
  kind: 'deployment' | 'service'
  name: string
  /** `null`: that of the context, or else `default`. */
  namespace: string | null
}

const kinds: Readonly<Record<string, Target['kind']>> = {
  deploy: 'deployment',
  deployment: 'deployment',
  deployments: 'deployment',
  'deployment.apps': 'deployment',
  'deployments.apps': 'deployment',
  service: 'service',
  services: 'service',
  svc: 'service',
}

/** Throws a usage Fault for anything but `KIND/NAME` of a kind that can be measured. */
export function parseTarget(text: string, namespace?: string): Target {
  const [, kind = '', name = ''] = /^([a-z.]+)\/([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/.exec(text) ?? []
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (known === undefined) {
    throw new Fault('usage', `Cannot measure ${JSON.stringify(text)}: must be deployment/NAME or service/NAME`)
  }
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new Fault('usage', `Cannot use --namespace ${JSON.stringify(namespace)}: must be the name of a namespace`)
  }
  return { kind: known, name, namespace: namespace ?? null }
}
