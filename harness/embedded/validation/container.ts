/** Containers: validateContainerCommon and its callers in pkg/apis/core/validation of Kubernetes 1.34. */
import type { Container, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicateField, forbiddenField, notSupportedField, requiredField } from './field-errors.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateLifecycle, validateProbes } from './handlers.ts'
import { validateName, validatePortNumOrName, validatePortName } from './names.ts'
import { validateResourceRequirements } from './resources.ts'
import { validateSecurityContext } from './security-context.ts'
import { validateVolumeMounts, findValidVolumes } from './volumes.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export function validateContainers(field: string, spec: PodSpec): FieldError[] {
  const { containers } = spec
  if (containers.length === 0) return [requiredField(field)]
  const errors = containers.flatMap((container, index) => {
    const path = `${field}[${index}]`
    const repeated = isDuplicateName(containers, index) ? [duplicateField(`${path}.name`, container.name)] : []
    return [
      ...validateContainerCommon(path, container, spec),
      ...repeated,
      ...validateLifecycleAndProbes(path, container, spec),
    ]
  })
  return [...errors, ...checkHostPortConflicts(field, containers)]
}

export function validateInitContainers(field: string, spec: PodSpec): FieldError[] {
  const { initContainers = [], containers } = spec
  return initContainers.flatMap((container, index) => {
    const path = `${field}[${index}]`
    const errors = validateContainerCommon(path, container, spec)
    const taken = containers.some(({ name }) => name === container.name)
    if (taken || isDuplicateName(initContainers, index)) errors.push(duplicateField(`${path}.name`, container.name))
    return [...errors, ...validateInitContainerHandlers(path, container, spec)]
  })
}

function isDuplicateName(containers: Container[], index: number): boolean {
  const { name } = containers[index] ?? {}
  return name !== undefined && containers.findIndex((one) => one.name === name) < index
}

function validateContainerCommon(field: string, container: Container, spec: PodSpec): FieldError[] {
  const { name, image, terminationMessagePolicy: ending = '', imagePullPolicy: pull = '' } = container
  const errors = name ? validateName(`${field}.name`, name, 'label') : [requiredField(`${field}.name`)]
  if (!image) errors.push(requiredField(`${field}.image`))
  const endings = ['File', 'FallbackToLogsOnError']
  if (!endings.includes(ending)) errors.push(notSupportedField(`${field}.terminationMessagePolicy`, ending, endings))
  errors.push(...validateContainerPorts(`${field}.ports`, container.ports))
  errors.push(...validateEnv(`${field}.env`, container.env))
  errors.push(...validateEnvFrom(`${field}.envFrom`, container.envFrom))
  errors.push(...validateVolumeMounts(`${field}.volumeMounts`, container, findValidVolumes(spec.volumes)))
  const pulls = ['Always', 'IfNotPresent', 'Never']
  if (!pulls.includes(pull)) errors.push(notSupportedField(`${field}.imagePullPolicy`, pull, pulls))
  errors.push(...validateResourceRequirements(`${field}.resources`, container.resources))
  errors.push(...validateResizePolicy(`${field}.resizePolicy`, container.resizePolicy))
  errors.push(...validateSecurityContext(`${field}.securityContext`, container.securityContext))
  return errors
}

function validateContainerPorts(field: string, ports: Container['ports'] = []): FieldError[] {
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, index) => {
    const path = `${field}[${index}]`
    const errors = name ? validatePortName(`${path}.name`, name) : []
    const isTaken = errors.length === 0 && ports.findIndex((one) => one.name === name) < index
    if (name && isTaken) errors.push(duplicateField(`${path}.name`, name))
    if (containerPort) errors.push(...validatePortNumOrName(`${path}.containerPort`, containerPort))
    else errors.push(requiredField(`${path}.containerPort`))
    if (hostPort) errors.push(...validatePortNumOrName(`${path}.hostPort`, hostPort))
    if (!protocols.includes(protocol ?? '')) errors.push(notSupportedField(`${path}.protocol`, protocol, protocols))
    return errors
  })
}

function checkHostPortConflicts(field: string, containers: Container[]): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort, hostIP = '', protocol }, index) => {
      if (!hostPort) return []
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) return [duplicateField(`${field}[${container}].ports[${index}].hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}

function validateResizePolicy(field: string, policies: Container['resizePolicy'] = []): FieldError[] {
  return policies.flatMap(({ resourceName, restartPolicy }, index) => {
    const errors: FieldError[] = []
    if (policies.findIndex((one) => one.resourceName === resourceName) < index) {
      errors.push(duplicateField(`${field}[${index}]`, resourceName))
    }
    const resources = ['cpu', 'memory']
    if (!resources.includes(resourceName)) errors.push(notSupportedField(field, resourceName, resources))
    const restarts = ['NotRequired', 'RestartContainer']
    if (!restarts.includes(restartPolicy)) errors.push(notSupportedField(field, restartPolicy, restarts))
    return errors
  })
}

function validateLifecycleAndProbes(field: string, container: Container, spec: PodSpec): FieldError[] {
  return [
    ...validateLifecycle(`${field}.lifecycle`, container.lifecycle, spec),
    ...validateProbes(field, container, spec),
  ]
}

function validateInitContainerHandlers(field: string, container: Container, spec: PodSpec): FieldError[] {
  if (container.restartPolicy === 'Always') return validateLifecycleAndProbes(field, container, spec)
  const misplaced = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
    (name) => container[name] !== undefined,
  )
  return misplaced.map((name) =>
    forbiddenField(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'),
  )
}
