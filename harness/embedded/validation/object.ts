/** Validation of objects before they are stored, by kind, with the texts of Kubernetes 1.34. */
import { isEqualJson } from '../store/json.ts'
import { kinds } from '../store/objects.ts'
import type { ConfigMap, EndpointSlice, Kinds, ObjectMeta, Plural } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalidField, throwIfInvalid, requiredField } from './field-errors.ts'
import { validateJob } from './job.ts'
import { validateAnnotations, validateLabelName, validateLabels, validateName } from './names.ts'
import type { RuleName } from './names.ts'
import { validatePod, validatePodUpdate } from './pod.ts'
import { validateService } from './service.ts'
import { validateSupport } from './unsupported-fields.ts'
import {
  validatePodDisruptionBudget,
  validateDeployment,
  validateReplicaSet,
  validateImmutableSelector,
} from './workloads.ts'

const acceptAny = (): FieldError[] => []

const validators: { [P in Plural]: (object: Kinds[P], before: Kinds[P] | undefined) => FieldError[] } = {
  pods: (pod, before) => [...validatePod(pod), ...(before ? validatePodUpdate(pod, before) : [])],
  deployments: (deployment, before) => [
    ...validateDeployment(deployment),
    ...validateImmutableSelector(deployment, before),
  ],
  replicasets: (replicaSet, before) => [
    ...validateReplicaSet(replicaSet),
    ...validateImmutableSelector(replicaSet, before),
  ],
  jobs: validateJob,
  poddisruptionbudgets: validatePodDisruptionBudget,
  services: validateService,
  configmaps: validateConfigMap,
  endpointslices: validateEndpointSlice,
  namespaces: acceptAny,
  nodes: acceptAny,
  events: acceptAny,
}

/** Throws the API server's 422 for an invalid object. `before` is given for an update. */
export function validateObject<P extends Plural>(plural: P, object: Kinds[P], before?: Kinds[P]): void {
  const metadata = object.metadata ?? {}
  const errors = [...validateObjectMeta(plural, metadata, before?.metadata), ...validators[plural](object, before)]
  // Errors that any cluster would report come alone.
  throwIfInvalid(plural, metadata.name ?? '', errors.length > 0 ? errors : validateSupport(plural, object))
}

const nameRules: { [P in Plural]?: RuleName } = { namespaces: 'label', services: 'label1035' }

function validateObjectMeta(plural: Plural, metadata: ObjectMeta, before: ObjectMeta | undefined): FieldError[] {
  const { name, generateName, namespace, labels, annotations, ownerReferences = [], finalizers = [] } = metadata
  const errors: FieldError[] = []
  if (!name && !generateName) errors.push(requiredField('metadata.name', 'name or generateName is required'))
  if (name && !before) errors.push(...validateName('metadata.name', name, nameRules[plural] ?? 'subdomain'))
  if (kinds[plural].namespaced && !namespace) errors.push(requiredField('metadata.namespace'))
  errors.push(...validateLabels('metadata.labels', labels))
  errors.push(...validateAnnotations('metadata.annotations', annotations))
  errors.push(...ownerReferences.flatMap(validateOwnerReference))
  for (const finalizer of finalizers) errors.push(...validateLabelName('metadata.finalizers', finalizer))
  finalizers.forEach((finalizer, index) => {
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return
    const detail = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalidField(`metadata.finalizers[${index}]`, finalizer, detail))
  })
  const added = finalizers.filter((finalizer) => !before?.finalizers?.includes(finalizer))
  if (before?.deletionTimestamp !== undefined && added.length > 0) {
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`
    errors.push(forbiddenField('metadata.finalizers', detail))
  }
  return errors
}

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** The API server's messages do not contain the index of the owner. */
function validateOwnerReference(owner: NonNullable<ObjectMeta['ownerReferences']>[number]): FieldError[] {
  return (['apiVersion', 'kind', 'name', 'uid'] as const)
    .filter((field) => !owner[field])
    .map((field) => {
      const detail = field === 'apiVersion' ? 'version must not be empty' : 'must not be empty'
      return invalidField(`metadata.ownerReferences.${field}`, '', detail)
    })
}

function validateConfigMap(configMap: ConfigMap, before: ConfigMap | undefined): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const field of ['data', 'binaryData'] as const) {
    for (const [key, value] of Object.entries(configMap[field] ?? {})) {
      errors.push(...validateName(`${field}[${key}]`, key, 'configKey'))
      if (field === 'data' && configMap.binaryData && Object.hasOwn(configMap.binaryData, key)) {
        errors.push(invalidField(`data[${key}]`, key, 'duplicate of key present in binaryData'))
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
    if (!isEqualJson(configMap.data, before.data)) {
      errors.push(forbiddenField('data', 'field is immutable when `immutable` is set'))
    }
  }
  return errors
}

function validateEndpointSlice(slice: EndpointSlice, before: EndpointSlice | undefined): FieldError[] {
  if (!slice.addressType) return [requiredField('addressType')]
  const same = before === undefined || before.addressType === slice.addressType
  return same ? [] : [invalidField('addressType', slice.addressType, 'field is immutable')]
}
