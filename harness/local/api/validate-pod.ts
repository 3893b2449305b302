/** Pods and pod templates: pkg/apis/core/validation of Kubernetes 1.34, what is kept of it, with its wording. */
import { sameJson } from '../json.ts'
import type { Container, Pod, PodSpec } from '../objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, forbiddenField, invalid, nonNegative, notFound, notSupported, required } from './field-errors.ts'
import { hookErrors, probeErrors } from './validate-handler.ts'
import { nameErrors, portErrors, portNameErrors } from './validate-names.ts'

export function podErrors(pod: Pod): FieldError[] {
  return podSpecErrors('spec', pod.spec ?? { containers: [] })
}

export function podSpecErrors(field: string, spec: PodSpec): FieldError[] {
  const { initContainers = [], containers } = spec
  const errors = volumeErrors(`${field}.volumes`, spec.volumes)
  if (containers.length === 0) errors.push(required(`${field}.containers`))
  containers.forEach((container, index) => {
    const path = `${field}.containers[${index}]`
    errors.push(...containerErrors(path, container, spec), ...lifecycleErrors(path, container, spec))
    if (isRepeated(containers, index)) errors.push(duplicate(`${path}.name`, container.name))
  })
  initContainers.forEach((container, index) => {
    const path = `${field}.initContainers[${index}]`
    errors.push(...containerErrors(path, container, spec), ...initErrors(path, container, spec))
    const taken = containers.some(({ name }) => name === container.name)
    if (taken || isRepeated(initContainers, index)) errors.push(duplicate(`${path}.name`, container.name))
  })
  const policies = ['Always', 'OnFailure', 'Never']
  if (!policies.includes(spec.restartPolicy ?? '')) {
    errors.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy, policies))
  }
  errors.push(...nonNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds))
  return errors
}

function isRepeated(containers: Container[], index: number): boolean {
  const { name } = containers[index] ?? {}
  return name !== undefined && containers.findIndex((one) => one.name === name) < index
}

function containerErrors(field: string, container: Container, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  if (!container.name) errors.push(required(`${field}.name`))
  else errors.push(...nameErrors(`${field}.name`, container.name, 'label'))
  if (!container.image) errors.push(required(`${field}.image`))
  errors.push(...containerPortErrors(`${field}.ports`, container.ports))
  container.env?.forEach(({ name }, index) => {
    if (!name) errors.push(required(`${field}.env[${index}].name`))
  })
  container.volumeMounts?.forEach(({ name, mountPath }, index, all) => {
    const path = `${field}.volumeMounts[${index}]`
    if (!name) errors.push(required(`${path}.name`))
    if (!spec.volumes?.some((volume) => volume.name === name)) errors.push(notFound(`${path}.name`, name))
    if (!mountPath) errors.push(required(`${path}.mountPath`))
    if (all.findIndex((one) => one.mountPath === mountPath) < index) {
      errors.push(invalid(`${path}.mountPath`, mountPath, 'must be unique'))
    }
  })
  const policies = ['Always', 'IfNotPresent', 'Never']
  if (!policies.includes(container.imagePullPolicy ?? '')) {
    errors.push(notSupported(`${field}.imagePullPolicy`, container.imagePullPolicy, policies))
  }
  return errors
}

function containerPortErrors(field: string, ports: Container['ports'] = []): FieldError[] {
  return ports.flatMap(({ name, containerPort, protocol }, index) => {
    const path = `${field}[${index}]`
    const errors: FieldError[] = []
    if (name) errors.push(...portNameErrors(`${path}.name`, name))
    if (name && ports.findIndex((one) => one.name === name) < index) errors.push(duplicate(`${path}.name`, name))
    if (containerPort) errors.push(...portErrors(`${path}.containerPort`, containerPort))
    else errors.push(required(`${path}.containerPort`))
    const protocols = ['SCTP', 'TCP', 'UDP']
    if (!protocols.includes(protocol ?? '')) errors.push(notSupported(`${path}.protocol`, protocol, protocols))
    return errors
  })
}

function lifecycleErrors(field: string, container: Container, spec: PodSpec): FieldError[] {
  return [...hookErrors(`${field}.lifecycle`, container.lifecycle, spec), ...probeErrors(field, container, spec)]
}

function initErrors(field: string, container: Container, spec: PodSpec): FieldError[] {
  if (container.restartPolicy === 'Always') return lifecycleErrors(field, container, spec)
  const misplaced = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
    (name) => container[name] !== undefined,
  )
  return misplaced.map((name) =>
    forbiddenField(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'),
  )
}

function volumeErrors(field: string, volumes: PodSpec['volumes'] = []): FieldError[] {
  return volumes.flatMap((volume, index) => {
    const path = `${field}[${index}]`
    if (!volume.name) return [required(`${path}.name`)]
    const errors = nameErrors(`${path}.name`, volume.name, 'label')
    if (volumes.findIndex((one) => one.name === volume.name) < index)
      errors.push(duplicate(`${path}.name`, volume.name))
    if (Object.keys(volume).length > 2) {
      const sources = Object.keys(volume).filter((key) => key !== 'name')
      for (const extra of sources.slice(1)) {
        errors.push(forbiddenField(`${path}.${extra}`, 'may not specify more than 1 volume type'))
      }
    }
    if (volume.configMap && !volume.configMap.name) errors.push(required(`${path}.configMap.name`))
    return errors
  })
}

/** ValidatePodUpdate: a pod is replaced rather than changed. */
export function podUpdateErrors(pod: Pod, before: Pod): FieldError[] {
  const [spec, old] = [pod.spec, before.spec]
  if (!spec || !old || sameJson(spec, old)) return []
  const lists = ['containers', 'initContainers'] as const
  for (const list of lists) {
    if ((spec[list]?.length ?? 0) !== (old[list]?.length ?? 0)) {
      return [forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
  }
  const munged = {
    ...spec,
    ...Object.fromEntries(
      lists.map((list) => [list, spec[list]?.map((one, index) => ({ ...one, image: old[list]?.[index]?.image }))]),
    ),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
  }
  if (sameJson(munged, old)) return []
  const allowed = [
    '`spec.containers[*].image`',
    '`spec.initContainers[*].image`',
    '`spec.activeDeadlineSeconds`',
    '`spec.tolerations` (only additions to existing tolerations)',
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
  ]
  return [forbiddenField('spec', `pod updates may not change fields other than ${allowed.join(',')}`)]
}
