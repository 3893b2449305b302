/** Jobs: pkg/apis/batch/validation of Kubernetes 1.34, and the labels that identify a Job's pods. */
import { randomUUID } from 'node:crypto'
import { isEqualJson } from '../store/json.ts'
import type { Job } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import {
  forbiddenField,
  invalidField,
  validateNonnegativeField,
  notSupportedField,
  requiredField,
} from './field-errors.ts'
import { validateLabels } from './names.ts'
import { validatePodSpec } from './pod.ts'

type JobSpec = NonNullable<Job['spec']>

/** The embedded cluster refuses fields that it does not implement. */
const missing = [
  'activeDeadlineSeconds',
  'managedBy',
  'maxFailedIndexes',
  'podFailurePolicy',
  'successPolicy',
  'ttlSecondsAfterFinished',
] as const

export function validateJob({ spec }: Job, before: Job | undefined): FieldError[] {
  if (!spec) return [requiredField('spec')]
  return [
    ...validateNonnegativeField('spec.parallelism', spec.parallelism),
    ...validateNonnegativeField('spec.completions', spec.completions),
    ...validateNonnegativeField('spec.backoffLimit', spec.backoffLimit),
    ...validateNonnegativeField('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex),
    ...validateCompletionMode(spec),
    ...validateJobTemplate(spec),
    ...missing
      .filter((field) => spec[field] !== undefined)
      .map((field) => forbiddenField(`spec.${field}`, 'the embedded cluster does not have it')),
    ...(before?.spec ? validateJobSpecUpdate(spec, before.spec) : []),
  ]
}

function validateCompletionMode({ completionMode, completions, backoffLimitPerIndex, ...spec }: JobSpec): FieldError[] {
  const modes = ['NonIndexed', 'Indexed']
  const errors: FieldError[] = []
  if (!modes.includes(completionMode ?? ''))
    errors.push(notSupportedField('spec.completionMode', completionMode, modes))
  if (completionMode === 'Indexed' && completions === undefined) {
    errors.push(requiredField('spec.completions', 'when completion mode is Indexed'))
  }
  if (completionMode !== 'Indexed' && backoffLimitPerIndex !== undefined) {
    errors.push(invalidField('spec.backoffLimitPerIndex', backoffLimitPerIndex, 'requires indexed completion mode'))
  }
  if (spec.suspend === true) errors.push(forbiddenField('spec.suspend', 'the embedded cluster does not have it'))
  if (spec.manualSelector === true) {
    errors.push(forbiddenField('spec.manualSelector', 'the embedded cluster does not have it'))
  }
  const policies = ['TerminatingOrFailed']
  if (!policies.includes(spec.podReplacementPolicy ?? '')) {
    errors.push(notSupportedField('spec.podReplacementPolicy', spec.podReplacementPolicy, policies))
  }
  return errors
}

function validateJobTemplate({ template }: JobSpec): FieldError[] {
  const errors = validateLabels('spec.template.labels', template?.metadata?.labels)
  const spec = template?.spec
  if (!spec) return [...errors, requiredField('spec.template.spec')]
  errors.push(...validatePodSpec('spec.template.spec', spec))
  if (spec.restartPolicy === 'Always') {
    errors.push(requiredField('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"'))
  }
  return errors
}

function validateJobSpecUpdate(spec: JobSpec, before: JobSpec): FieldError[] {
  const fixed = ['completions', 'selector', 'template', 'completionMode', 'backoffLimitPerIndex'] as const
  return fixed
    .filter((field) => !isEqualJson(spec[field], before[field]))
    .map((field) => invalidField(`spec.${field}`, spec[field], 'field is immutable'))
}

/**
 * A Job selects its pods by its own identity, which it gets now: the labels are added to its template (pkg/registry/batch/job/strategy.go
 * generateSelector).
 */
export function generateSelector(job: Job): void {
  const metadata = (job.metadata ??= {})
  const uid = (metadata.uid = randomUUID())
  const template = job.spec?.template
  if (!job.spec || !template) return
  const name = metadata.name ?? ''
  const names = { 'batch.kubernetes.io/job-name': name, 'job-name': name }
  const uids = { 'batch.kubernetes.io/controller-uid': uid, 'controller-uid': uid }
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...names, ...uids } }
  job.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
}
