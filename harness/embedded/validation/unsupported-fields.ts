/** Valid fields of pods that the embedded cluster does not implement: they are refused, not ignored. */
import { findRefusedFields } from '../schema/pod-field-rules.ts'
import { podFields } from '../schema/pod-fields.ts'
import type { Deployment, Kinds, Plural, Pod, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField } from './field-errors.ts'

/** By the table of schema/pod-fields.ts, for pods and all objects with a pod template. */
export function validateSupport<P extends Plural>(plural: P, object: Kinds[P]): FieldError[] {
  const [path, spec] = findPodSpec(plural, object)
  return findRefusedFields(spec, podFields, path).map(({ path, note, only }) => {
    const values = only.filter((value) => value !== '').map((value) => JSON.stringify(value))
    const accepted = values.length === 0 ? '' : `; accepted: ${values.join(', ')}`
    return forbiddenField(path, `the embedded cluster does not support it: ${note}${accepted}`)
  })
}

function findPodSpec(plural: Plural, object: object): [path: string, spec: PodSpec | undefined] {
  if (plural === 'pods') return ['spec', (object as Pod).spec]
  const hasTemplate = ['deployments', 'replicasets', 'jobs'].includes(plural)
  return ['spec.template.spec', hasTemplate ? (object as Deployment).spec?.template?.spec : undefined]
}
