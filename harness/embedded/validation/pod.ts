/** Pods and pod templates: the supported part of pkg/apis/core/validation of Kubernetes 1.34, with its texts. */
import { isEqualJson } from '../store/json.ts'
import type { Pod, PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalidField, notSupportedField, requiredField } from './field-errors.ts'
import { validateContainers, validateInitContainers } from './container.ts'
import { validateIp, validateLabelName, validateLabels, validateName } from './names.ts'
import type { RuleName } from './names.ts'
import { validateResourceRequirements } from './resources.ts'
import {
  validateAffinity,
  validateSchedulingGates,
  validateTopologySpreadConstraints,
  validateTolerations,
} from './scheduling.ts'
import { validatePodSecurityContext } from './security-context.ts'
import { validateVolumes } from './volumes.ts'

const maxSeconds = 2 ** 31 - 1

export function validatePod(pod: Pod): FieldError[] {
  const spec = pod.spec ?? { containers: [] }
  const isHeld = spec.nodeName && (spec.schedulingGates?.length ?? 0) > 0
  const held = 'cannot be set until all schedulingGates have been cleared'
  return [
    ...validatePodSpec('spec', spec, 'pod'),
    ...validateImageNames('containers', spec),
    ...validateImageNames('initContainers', spec),
    ...(isHeld ? [forbiddenField('spec.nodeName', held)] : []),
  ]
}

/** A template may have spaces around an image's name; a pod may not. */
function validateImageNames(list: 'containers' | 'initContainers', spec: PodSpec): FieldError[] {
  return (spec[list] ?? []).flatMap(({ image = '' }, index) => {
    if (image === image.trim()) return []
    return [invalidField(`spec.${list}[${index}].image`, image, 'must not have leading or trailing whitespace')]
  })
}

export function validatePodSpec(field: string, spec: PodSpec, of: 'pod' | 'template' = 'template'): FieldError[] {
  return [
    ...validateVolumes(`${field}.volumes`, spec.volumes),
    ...validateContainers(`${field}.containers`, spec),
    ...validateInitContainers(`${field}.initContainers`, spec),
    ...validateResourceRequirements(`${field}.resources`, spec.resources),
    ...validateHostNetwork(`${field}.containers`, spec, of),
    ...validateOneOf(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...validateOneOf(`${field}.dnsPolicy`, spec.dnsPolicy, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateLabels(`${field}.nodeSelector`, spec.nodeSelector),
    ...validatePodSecurityContext(`${field}.securityContext`, spec.securityContext),
    ...validateAffinity(`${field}.affinity`, spec.affinity),
    ...validatePodDnsConfig(`${field}.dnsConfig`, spec),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      validateLabelName(`${field}.readinessGates[${index}].conditionType`, conditionType ?? ''),
    ),
    ...validateSchedulingGates(`${field}.schedulingGates`, spec.schedulingGates),
    ...validateTopologySpreadConstraints(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...validateNames(field, spec),
    ...validateTolerations(`${field}.tolerations`, spec.tolerations),
    ...validateHostAliases(`${field}.hostAliases`, spec.hostAliases),
    ...validateOneOf(`${field}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...validateOneOf(`${field}.os.name`, spec.os?.name, ['linux', 'windows']).map((error) => ({
      ...error,
      field: `${field}.os`,
    })),
  ]
}

function validateOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupportedField(field, value, supported)]
}

function validateHostNetwork(
  field: string,
  { hostNetwork, containers }: PodSpec,
  of: 'pod' | 'template',
): FieldError[] {
  if (hostNetwork !== true) return []
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ containerPort, hostPort = 0 }, index) => {
      if (hostPort === containerPort || (of === 'template' && hostPort === 0)) return []
      const detail = 'must match `containerPort` when `hostNetwork` is true'
      return [invalidField(`${field}[${container}].ports[${index}].hostPort`, hostPort, detail)]
    }),
  )
}

function validatePodDnsConfig(field: string, { dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (dnsPolicy === 'None' && !dnsConfig) {
    return [requiredField(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    return [requiredField(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  const tooMany = invalidField(`${field}.nameservers`, nameservers, 'must not have more than 3 nameservers')
  return [
    ...(nameservers.length > 3 ? [tooMany] : []),
    ...nameservers.flatMap((server, index) => validateIp(`${field}.nameservers[${index}]`, server)),
    ...searches.flatMap((search, index) =>
      search === '.' ? [] : validateName(`${field}.searches[${index}]`, search.replace(/\.$/, ''), 'searchPath'),
    ),
    ...options.flatMap(({ name }, index) =>
      name ? [] : [requiredField(`${field}.options[${index}]`, 'must not be empty')],
    ),
  ]
}

function validateNames(field: string, spec: PodSpec): FieldError[] {
  const { activeDeadlineSeconds: deadline } = spec
  const validateNamedField = (
    name: 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain',
    rule: RuleName,
  ): FieldError[] => (spec[name] ? validateName(`${field}.${name}`, spec[name], rule) : [])
  const isSound = deadline === undefined || (deadline >= 1 && deadline <= maxSeconds)
  const range = `must be between 1 and ${maxSeconds}, inclusive`
  return [
    ...validateNamedField('serviceAccountName', 'subdomain'),
    ...validateNamedField('nodeName', 'subdomain'),
    ...(isSound ? [] : [invalidField(`${field}.activeDeadlineSeconds`, deadline, range)]),
    ...validateNamedField('hostname', 'label'),
    ...validateNamedField('subdomain', 'label'),
  ]
}

function validateHostAliases(field: string, aliases: PodSpec['hostAliases'] = []): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...validateIp(`${field}[${index}].ip`, ip ?? ''),
    ...hostnames.flatMap((name, place) => validateName(`${field}[${index}].hostnames[${place}]`, name, 'subdomain')),
  ])
}

/** ValidatePodUpdate: a pod is replaced rather than changed. */
export function validatePodUpdate(pod: Pod, before: Pod): FieldError[] {
  const [spec, old] = [pod.spec, before.spec]
  if (!spec || !old || isEqualJson(spec, old)) return []
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
  if (isEqualJson(munged, old)) return []
  const allowed = [
    '`spec.containers[*].image`',
    '`spec.initContainers[*].image`',
    '`spec.activeDeadlineSeconds`',
    '`spec.tolerations` (only additions to existing tolerations)',
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
  ]
  return [forbiddenField('spec', `pod updates may not change fields other than ${allowed.join(',')}`)]
}
