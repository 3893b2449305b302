/** Security contexts of containers and of pods. */
import type { Container, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, invalid, notSupported, required } from './field-errors.ts'
import { relativeErrors } from './volumes.ts'

type ContainerContext = NonNullable<Container['securityContext']>
type PodContext = NonNullable<PodSpec['securityContext']>

const maxId = 2 ** 31 - 1

function idErrors(field: string, id: number | undefined): FieldError[] {
  if (id === undefined || (id >= 0 && id <= maxId)) return []
  return [invalid(field, id, `must be between 0 and ${maxId}, inclusive`)]
}

export function containerSecurityErrors(field: string, context: ContainerContext | undefined): FieldError[] {
  if (!context) return []
  const errors = [
    ...idErrors(`${field}.runAsUser`, context.runAsUser),
    ...idErrors(`${field}.runAsGroup`, context.runAsGroup),
    ...procMountErrors(`${field}.procMount`, context.procMount),
    ...seccompErrors(`${field}.seccompProfile`, context.seccompProfile),
  ]
  if (context.allowPrivilegeEscalation !== false) return errors
  const contradiction = (what: string): FieldError =>
    invalid(field, asInServer(context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
  if (context.privileged === true) errors.push(contradiction('`privileged` to true'))
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
    errors.push(contradiction('`capabilities.Add` CAP_SYS_ADMIN'))
  }
  return errors
}

/** The server shows its own structure, in which every field is there. */
function asInServer(context: ContainerContext): Record<string, unknown> {
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

function procMountErrors(field: string, mount: string | undefined): FieldError[] {
  if (mount === undefined || mount === 'Default') return []
  if (mount === 'Unmasked') return [invalid(field, mount, '`hostUsers` must be false to use `Unmasked`')]
  return [notSupported(field, mount, ['Default', 'Unmasked'])]
}

function seccompErrors(field: string, profile: ContainerContext['seccompProfile']): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile: path } = profile
  const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
  const errors: FieldError[] = []
  if (!type) errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'))
  else if (!types.includes(type)) errors.push(notSupported(`${field}.type`, type, types))
  const place = `${field}.localhostProfile`
  if (type === 'Localhost') {
    const missing = required(place, 'must be set when seccomp type is Localhost')
    errors.push(...(path === undefined ? [missing] : relativeErrors(place, path)))
  } else if (path !== undefined) errors.push(invalid(place, profile, 'can only be set when seccomp type is Localhost'))
  return errors
}

export function podSecurityErrors(field: string, context: PodContext = {}): FieldError[] {
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups = [], fsGroupChangePolicy: change } = context
  const changes = ['Always', 'OnRootMismatch']
  return [
    ...idErrors(`${field}.fsGroup`, fsGroup),
    ...idErrors(`${field}.runAsUser`, runAsUser),
    ...idErrors(`${field}.runAsGroup`, runAsGroup),
    ...supplementalGroups.flatMap((gid, index) => idErrors(`${field}.supplementalGroups[${index}]`, gid)),
    ...sysctlErrors(`${field}.sysctls`, context.sysctls),
    ...(change === undefined || changes.includes(change)
      ? []
      : [notSupported(`${field}.fsGroupChangePolicy`, change, changes)]),
    ...seccompErrors(`${field}.seccompProfile`, context.seccompProfile),
  ]
}

function sysctlErrors(field: string, sysctls: PodContext['sysctls'] = []): FieldError[] {
  const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
  const format = String.raw`^(${segment}[\./])*${segment}$`
  return sysctls.flatMap(({ name }, index) => {
    const path = `${field}[${index}].name`
    if (!name) return [required(path)]
    if (name.length > 253 || !new RegExp(format).test(name)) {
      return [invalid(path, name, `must have at most 253 characters and match regex ${format}`)]
    }
    return sysctls.findIndex((one) => one.name === name) < index ? [duplicate(path, name)] : []
  })
}
