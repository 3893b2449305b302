/** Security contexts of containers and of pods. */
import type { Container, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicateField, invalidField, notSupportedField, requiredField } from './field-errors.ts'
import { validateLocalDescendingPath } from './volumes.ts'

type ContainerContext = NonNullable<Container['securityContext']>
type PodContext = NonNullable<PodSpec['securityContext']>

const maxId = 2 ** 31 - 1

function validateUserId(field: string, id: number | undefined): FieldError[] {
  if (id === undefined || (id >= 0 && id <= maxId)) return []
  return [invalidField(field, id, `must be between 0 and ${maxId}, inclusive`)]
}

export function validateSecurityContext(field: string, context: ContainerContext | undefined): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateUserId(`${field}.runAsUser`, context.runAsUser),
    ...validateUserId(`${field}.runAsGroup`, context.runAsGroup),
    ...validateProcMountType(`${field}.procMount`, context.procMount),
    ...validateSeccompProfile(`${field}.seccompProfile`, context.seccompProfile),
  ]
  if (context.allowPrivilegeEscalation !== false) return errors
  const createContradiction = (what: string): FieldError =>
    invalidField(
      field,
      toInternalSecurityContext(context),
      `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
    )
  if (context.privileged === true) errors.push(createContradiction('`privileged` to true'))
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
    errors.push(createContradiction('`capabilities.Add` CAP_SYS_ADMIN'))
  }
  return errors
}

/** The server prints its internal structure, which has every field. */
function toInternalSecurityContext(context: ContainerContext): Record<string, unknown> {
  const { add = null, drop = null } = context.capabilities ?? {}
  return {
    Capabilities: context.capabilities ? { Add: add, Drop: drop } : null,
    Privileged: context.privileged ?? null,
    SELinuxOptions: context.seLinuxOptions ?? null,
    WindowsOptions: context.windowsOptions ?? null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: context.seccompProfile ?? null,
    AppArmorProfile: context.appArmorProfile ?? null,
  }
}

function validateProcMountType(field: string, mount: string | undefined): FieldError[] {
  if (mount === undefined || mount === 'Default') return []
  if (mount === 'Unmasked') return [invalidField(field, mount, '`hostUsers` must be false to use `Unmasked`')]
  return [notSupportedField(field, mount, ['Default', 'Unmasked'])]
}

function validateSeccompProfile(field: string, profile: ContainerContext['seccompProfile']): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile: path } = profile
  const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
  const errors: FieldError[] = []
  if (!type) errors.push(requiredField(`${field}.type`, 'type is required when seccompProfile is set'))
  else if (!types.includes(type)) errors.push(notSupportedField(`${field}.type`, type, types))
  const place = `${field}.localhostProfile`
  if (type === 'Localhost') {
    const missing = requiredField(place, 'must be set when seccomp type is Localhost')
    errors.push(...(path === undefined ? [missing] : validateLocalDescendingPath(place, path)))
  } else if (path !== undefined)
    errors.push(invalidField(place, profile, 'can only be set when seccomp type is Localhost'))
  return errors
}

export function validatePodSecurityContext(field: string, context: PodContext = {}): FieldError[] {
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups = [], fsGroupChangePolicy: change } = context
  const changes = ['Always', 'OnRootMismatch']
  return [
    ...validateUserId(`${field}.fsGroup`, fsGroup),
    ...validateUserId(`${field}.runAsUser`, runAsUser),
    ...validateUserId(`${field}.runAsGroup`, runAsGroup),
    ...supplementalGroups.flatMap((gid, index) => validateUserId(`${field}.supplementalGroups[${index}]`, gid)),
    ...validateSysctls(`${field}.sysctls`, context.sysctls),
    ...(change === undefined || changes.includes(change)
      ? []
      : [notSupportedField(`${field}.fsGroupChangePolicy`, change, changes)]),
    ...validateSeccompProfile(`${field}.seccompProfile`, context.seccompProfile),
  ]
}

function validateSysctls(field: string, sysctls: PodContext['sysctls'] = []): FieldError[] {
  const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
  const format = String.raw`^(${segment}[\./])*${segment}$`
  return sysctls.flatMap(({ name }, index) => {
    const path = `${field}[${index}].name`
    if (!name) return [requiredField(path)]
    if (name.length > 253 || !new RegExp(format).test(name)) {
      return [invalidField(path, name, `must have at most 253 characters and match regex ${format}`)]
    }
    return sysctls.findIndex((one) => one.name === name) < index ? [duplicateField(path, name)] : []
  })
}
