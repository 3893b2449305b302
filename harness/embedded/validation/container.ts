/** Containers: validateContainerCommon and its callers in pkg/apis/core/validation of Kubernetes 1.34. */
import type { Container, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, forbiddenField, notSupported, required } from './field-errors.ts'
import { environmentErrors, environmentSourceErrors } from './environment.ts'
import { hookErrors, probeErrors } from './handlers.ts'
import { nameErrors, portErrors, portNameErrors } from './names.ts'
import { resourceErrors } from './resources.ts'
import { containerSecurityErrors } from './security-context.ts'
import { mountErrors, soundVolumes } from './volumes.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export function containersErrors(field: string, spec: PodSpec): FieldError[] {
  const { containers } = spec
  if (containers.length === 0) return [required(field)]
  const errors = containers.flatMap((container, index) => {
    const path = `${field}[${index}]`
    const repeated = isRepeated(containers, index) ? [duplicate(`${path}.name`, container.name)] : []
    return [...commonErrors(path, container, spec), ...repeated, ...lifecycleErrors(path, container, spec)]
  })
  return [...errors, ...hostPortErrors(field, containers)]
}

export function initContainersErrors(field: string, spec: PodSpec): FieldError[] {
  const { initContainers = [], containers } = spec
  return initContainers.flatMap((container, index) => {
    const path = `${field}[${index}]`
    const errors = commonErrors(path, container, spec)
    const taken = containers.some(({ name }) => name === container.name)
    if (taken || isRepeated(initContainers, index)) errors.push(duplicate(`${path}.name`, container.name))
    return [...errors, ...initErrors(path, container, spec)]
  })
}

function isRepeated(containers: Container[], index: number): boolean {
  const { name } = containers[index] ?? {}
  return name !== undefined && containers.findIndex((one) => one.name === name) < index
}

function commonErrors(field: string, container: Container, spec: PodSpec): FieldError[] {
  const { name, image, terminationMessagePolicy: ending = '', imagePullPolicy: pull = '' } = container
  const errors = name ? nameErrors(`${field}.name`, name, 'label') : [required(`${field}.name`)]
  if (!image) errors.push(required(`${field}.image`))
  const endings = ['File', 'FallbackToLogsOnError']
  if (!endings.includes(ending)) errors.push(notSupported(`${field}.terminationMessagePolicy`, ending, endings))
  errors.push(...portsErrors(`${field}.ports`, container.ports))
  errors.push(...environmentErrors(`${field}.env`, container.env))
  errors.push(...environmentSourceErrors(`${field}.envFrom`, container.envFrom))
  errors.push(...mountErrors(`${field}.volumeMounts`, container, soundVolumes(spec.volumes)))
  const pulls = ['Always', 'IfNotPresent', 'Never']
  if (!pulls.includes(pull)) errors.push(notSupported(`${field}.imagePullPolicy`, pull, pulls))
  errors.push(...resourceErrors(`${field}.resources`, container.resources))
  errors.push(...resizeErrors(`${field}.resizePolicy`, container.resizePolicy))
  errors.push(...containerSecurityErrors(`${field}.securityContext`, container.securityContext))
  return errors
}

function portsErrors(field: string, ports: Container['ports'] = []): FieldError[] {
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, index) => {
    const path = `${field}[${index}]`
    const errors = name ? portNameErrors(`${path}.name`, name) : []
    const isTaken = errors.length === 0 && ports.findIndex((one) => one.name === name) < index
    if (name && isTaken) errors.push(duplicate(`${path}.name`, name))
    if (containerPort) errors.push(...portErrors(`${path}.containerPort`, containerPort))
    else errors.push(required(`${path}.containerPort`))
    if (hostPort) errors.push(...portErrors(`${path}.hostPort`, hostPort))
    if (!protocols.includes(protocol ?? '')) errors.push(notSupported(`${path}.protocol`, protocol, protocols))
    return errors
  })
}

function hostPortErrors(field: string, containers: Container[]): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort, hostIP = '', protocol }, index) => {
      if (!hostPort) return []
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) return [duplicate(`${field}[${container}].ports[${index}].hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}

function resizeErrors(field: string, policies: Container['resizePolicy'] = []): FieldError[] {
  return policies.flatMap(({ resourceName, restartPolicy }, index) => {
    const errors: FieldError[] = []
    if (policies.findIndex((one) => one.resourceName === resourceName) < index) {
      errors.push(duplicate(`${field}[${index}]`, resourceName))
    }
    const resources = ['cpu', 'memory']
    if (!resources.includes(resourceName)) errors.push(notSupported(field, resourceName, resources))
    const restarts = ['NotRequired', 'RestartContainer']
    if (!restarts.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, restarts))
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
