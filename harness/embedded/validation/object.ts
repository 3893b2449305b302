/** Validation of objects before they are stored, by kind, worded as Kubernetes 1.34 words it. */
import { sameJson } from '../store/json.ts'
import { kinds } from '../store/objects.ts'
import type { ConfigMap, EndpointSlice, Kinds, ObjectMeta, Plural } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalid, refuseInvalid, required } from './field-errors.ts'
import { jobErrors } from './job.ts'
import { annotationErrors, keyErrors, labelErrors, nameErrors } from './names.ts'
import type { RuleName } from './names.ts'
import { podErrors, podUpdateErrors } from './pod.ts'
import { serviceErrors } from './service.ts'
import { supportErrors } from './unsupported-fields.ts'
import { budgetErrors, deploymentErrors, replicaSetErrors, selectorUpdateErrors } from './workloads.ts'

const none = (): FieldError[] => []

const validators: { [P in Plural]: (object: Kinds[P], before: Kinds[P] | undefined) => FieldError[] } = {
  pods: (pod, before) => [...podErrors(pod), ...(before ? podUpdateErrors(pod, before) : [])],
  deployments: (deployment, before) => [...deploymentErrors(deployment), ...selectorUpdateErrors(deployment, before)],
  replicasets: (replicaSet, before) => [...replicaSetErrors(replicaSet), ...selectorUpdateErrors(replicaSet, before)],
  jobs: jobErrors,
  poddisruptionbudgets: budgetErrors,
  services: serviceErrors,
  configmaps: configMapErrors,
  endpointslices: endpointSliceErrors,
  namespaces: none,
  nodes: none,
  events: none,
}

/** Throws the API server's 422 when something is wrong. `before` is there for an update. */
export function validate<P extends Plural>(plural: P, object: Kinds[P], before?: Kinds[P]): void {
  const metadata = object.metadata ?? {}
  const errors = [...metadataErrors(plural, metadata, before?.metadata), ...validators[plural](object, before)]
  // What is wrong on any cluster is told alone.
  refuseInvalid(plural, metadata.name ?? '', errors.length > 0 ? errors : supportErrors(plural, object))
}

const nameRules: { [P in Plural]?: RuleName } = { namespaces: 'label', services: 'label1035' }

function metadataErrors(plural: Plural, metadata: ObjectMeta, before: ObjectMeta | undefined): FieldError[] {
  const { name, generateName, namespace, labels, annotations, ownerReferences = [], finalizers = [] } = metadata
  const errors: FieldError[] = []
  if (!name && !generateName) errors.push(required('metadata.name', 'name or generateName is required'))
  if (name && !before) errors.push(...nameErrors('metadata.name', name, nameRules[plural] ?? 'subdomain'))
  if (kinds[plural].namespaced && !namespace) errors.push(required('metadata.namespace'))
  errors.push(...labelErrors('metadata.labels', labels))
  errors.push(...annotationErrors('metadata.annotations', annotations))
  errors.push(...ownerReferences.flatMap(ownerErrors))
  for (const finalizer of finalizers) errors.push(...keyErrors('metadata.finalizers', finalizer))
  finalizers.forEach((finalizer, index) => {
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return
    const detail = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalid(`metadata.finalizers[${index}]`, finalizer, detail))
  })
  const added = finalizers.filter((finalizer) => !before?.finalizers?.includes(finalizer))
  if (before?.deletionTimestamp !== undefined && added.length > 0) {
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`
    errors.push(forbiddenField('metadata.finalizers', detail))
  }
  return errors
}

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** The API server tells of no owner which one it is. */
function ownerErrors(owner: NonNullable<ObjectMeta['ownerReferences']>[number]): FieldError[] {
  return (['apiVersion', 'kind', 'name', 'uid'] as const)
    .filter((field) => !owner[field])
    .map((field) => {
      const detail = field === 'apiVersion' ? 'version must not be empty' : 'must not be empty'
      return invalid(`metadata.ownerReferences.${field}`, '', detail)
    })
}

function configMapErrors(configMap: ConfigMap, before: ConfigMap | undefined): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const field of ['data', 'binaryData'] as const) {
    for (const [key, value] of Object.entries(configMap[field] ?? {})) {
      errors.push(...nameErrors(`${field}[${key}]`, key, 'configKey'))
      if (field === 'data' && configMap.binaryData && Object.hasOwn(configMap.binaryData, key)) {
        errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
      }
      size += value.length
    }
  }
  // MaxSecretSize.
  if (size > 1024 * 1024)
    errors.push({ reason: 'FieldValueTooLong', field: '[]', body: 'Too long: may not be more than 1048576 bytes' })
  if (before?.immutable === true) {
    if (configMap.immutable !== true)
      errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'))
    if (!sameJson(configMap.data, before.data)) {
      errors.push(forbiddenField('data', 'field is immutable when `immutable` is set'))
    }
  }
  return errors
}

function endpointSliceErrors(slice: EndpointSlice, before: EndpointSlice | undefined): FieldError[] {
  if (!slice.addressType) return [required('addressType')]
  const same = before === undefined || before.addressType === slice.addressType
  return same ? [] : [invalid('addressType', slice.addressType, 'field is immutable')]
}
