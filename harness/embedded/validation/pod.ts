/** Pods and pod templates: pkg/apis/core/validation of Kubernetes 1.34, what is kept of it, with its wording. */
import { sameJson } from '../store/json.ts'
import type { Pod, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalid, notSupported, required } from './field-errors.ts'
import { containersErrors, initContainersErrors } from './container.ts'
import { addressErrors, keyErrors, labelErrors, nameErrors } from './names.ts'
import type { RuleName } from './names.ts'
import { resourceErrors } from './resources.ts'
import { affinityErrors, gateErrors, spreadErrors, tolerationErrors } from './scheduling.ts'
import { podSecurityErrors } from './security-context.ts'
import { volumeErrors } from './volumes.ts'

const maxSeconds = 2 ** 31 - 1

export function podErrors(pod: Pod): FieldError[] {
  const spec = pod.spec ?? { containers: [] }
  const isHeld = spec.nodeName && (spec.schedulingGates?.length ?? 0) > 0
  const held = 'cannot be set until all schedulingGates have been cleared'
  return [
    ...podSpecErrors('spec', spec, 'pod'),
    ...imageErrors('containers', spec),
    ...imageErrors('initContainers', spec),
    ...(isHeld ? [forbiddenField('spec.nodeName', held)] : []),
  ]
}

/** A template may have spaces around an image's name; a pod may not. */
function imageErrors(list: 'containers' | 'initContainers', spec: PodSpec): FieldError[] {
  return (spec[list] ?? []).flatMap(({ image = '' }, index) => {
    if (image === image.trim()) return []
    return [invalid(`spec.${list}[${index}].image`, image, 'must not have leading or trailing whitespace')]
  })
}

export function podSpecErrors(field: string, spec: PodSpec, of: 'pod' | 'template' = 'template'): FieldError[] {
  return [
    ...volumeErrors(`${field}.volumes`, spec.volumes),
    ...containersErrors(`${field}.containers`, spec),
    ...initContainersErrors(`${field}.initContainers`, spec),
    ...resourceErrors(`${field}.resources`, spec.resources),
    ...hostNetworkErrors(`${field}.containers`, spec, of),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...labelErrors(`${field}.nodeSelector`, spec.nodeSelector),
    ...podSecurityErrors(`${field}.securityContext`, spec.securityContext),
    ...affinityErrors(`${field}.affinity`, spec.affinity),
    ...dnsErrors(`${field}.dnsConfig`, spec),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      keyErrors(`${field}.readinessGates[${index}].conditionType`, conditionType ?? ''),
    ),
    ...gateErrors(`${field}.schedulingGates`, spec.schedulingGates),
    ...spreadErrors(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...namesErrors(field, spec),
    ...tolerationErrors(`${field}.tolerations`, spec.tolerations),
    ...hostAliasErrors(`${field}.hostAliases`, spec.hostAliases),
    ...oneOf(`${field}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...oneOf(`${field}.os.name`, spec.os?.name, ['linux', 'windows']).map((error) => ({
      ...error,
      field: `${field}.os`,
    })),
  ]
}

function oneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

function hostNetworkErrors(field: string, { hostNetwork, containers }: PodSpec, of: 'pod' | 'template'): FieldError[] {
  if (hostNetwork !== true) return []
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ containerPort, hostPort = 0 }, index) => {
      if (hostPort === containerPort || (of === 'template' && hostPort === 0)) return []
      const detail = 'must match `containerPort` when `hostNetwork` is true'
      return [invalid(`${field}[${container}].ports[${index}].hostPort`, hostPort, detail)]
    }),
  )
}

function dnsErrors(field: string, { dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (dnsPolicy === 'None' && !dnsConfig) {
    return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  const tooMany = invalid(`${field}.nameservers`, nameservers, 'must not have more than 3 nameservers')
  return [
    ...(nameservers.length > 3 ? [tooMany] : []),
    ...nameservers.flatMap((server, index) => addressErrors(`${field}.nameservers[${index}]`, server)),
    ...searches.flatMap((search, index) =>
      search === '.' ? [] : nameErrors(`${field}.searches[${index}]`, search.replace(/\.$/, ''), 'searchPath'),
    ),
    ...options.flatMap(({ name }, index) =>
      name ? [] : [required(`${field}.options[${index}]`, 'must not be empty')],
    ),
  ]
}

function namesErrors(field: string, spec: PodSpec): FieldError[] {
  const { activeDeadlineSeconds: deadline } = spec
  const named = (name: 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain', rule: RuleName): FieldError[] =>
    spec[name] ? nameErrors(`${field}.${name}`, spec[name], rule) : []
  const isSound = deadline === undefined || (deadline >= 1 && deadline <= maxSeconds)
  const range = `must be between 1 and ${maxSeconds}, inclusive`
  return [
    ...named('serviceAccountName', 'subdomain'),
    ...named('nodeName', 'subdomain'),
    ...(isSound ? [] : [invalid(`${field}.activeDeadlineSeconds`, deadline, range)]),
    ...named('hostname', 'label'),
    ...named('subdomain', 'label'),
  ]
}

function hostAliasErrors(field: string, aliases: PodSpec['hostAliases'] = []): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...addressErrors(`${field}[${index}].ip`, ip ?? ''),
    ...hostnames.flatMap((name, place) => nameErrors(`${field}[${index}].hostnames[${place}]`, name, 'subdomain')),
  ])
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
