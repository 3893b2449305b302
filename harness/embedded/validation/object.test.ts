import { expect, test } from 'vitest'
import type { Container, Deployment, Job, PodDisruptionBudget, PodSpec } from '../store/objects.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { ApiError } from '../schema/status.ts'
import { createTestDeployment, createTestPod, startTestApi } from '../testing/test-api.ts'
import { validateObject } from './object.ts'

function catchMessage(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
  return 'valid'
}

function validateTestDeployment(spec: Partial<NonNullable<Deployment['spec']>>, name = 'web'): string {
  const object = createTestDeployment(name, spec)
  applyDefaults('deployments', object)
  return catchMessage(() => validateObject('deployments', object)).replace('Deployment.apps "web" is invalid: ', '')
}

function validateTestPod(main: Partial<Container>, spec: Partial<PodSpec> = {}): string {
  const object = createTestPod('p', { spec: { containers: [{ name: 'main', image: 'web:1', ...main }], ...spec } })
  applyDefaults('pods', object)
  return catchMessage(() => validateObject('pods', object)).replace('Pod "p" is invalid: spec.containers[0].', '')
}

test('Validation: words errors of a Deployment as the API server does', () => {
  expect(catchMessage(() => validateObject('deployments', createTestDeployment('web', { replicas: -1 })))).toContain(
    'Deployment.apps "web" is invalid: ',
  )
  expect(validateTestDeployment({ replicas: -1 })).toBe(
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  )
  expect(validateTestDeployment({ selector: { matchLabels: { app: 'other' } } })).toBe(
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  )
  expect(validateTestDeployment({ selector: {} })).toBe(
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  )
  expect(validateTestDeployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } })).toBe(
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  )
  expect(validateTestDeployment({ strategy: { rollingUpdate: { maxSurge: 'many' } } })).toBe(
    "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  )
  expect(validateTestDeployment({ minReadySeconds: 600 })).toBe(
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  )
  expect(validateTestDeployment({ strategy: { type: 'Recreate', rollingUpdate: {} } })).toBe(
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  )
  expect(validateTestDeployment({}, 'Web_1')).toContain(
    "metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  )
})

test('Validation: the selector of a Deployment cannot change', () => {
  const before = createTestDeployment('web')
  const after = createTestDeployment('web', { selector: { matchLabels: { app: 'web', v: '2' } } })
  Object.assign(after.spec?.template.metadata ?? {}, { labels: { app: 'web', v: '2' } })
  for (const object of [before, after]) applyDefaults('deployments', object)
  expect(catchMessage(() => validateObject('deployments', after, before))).toBe(
    'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web","v":"2"}}: field is immutable',
  )
})

test('Validation: a hook has one handler, within the grace period', () => {
  const preStop = (handler: NonNullable<Container['lifecycle']>['preStop']) =>
    validateTestPod({ lifecycle: { preStop: handler ?? {} } })
  expect(preStop({})).toBe('lifecycle.preStop: Required value: must specify a handler type')
  expect(preStop({ sleep: { seconds: 31 } })).toBe(
    'lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
  )
  expect(preStop({ sleep: { seconds: 0 } })).toBe('valid')
  expect(preStop({ sleep: { seconds: 30 } })).toBe('valid')
  expect(preStop({ exec: { command: ['true'] }, sleep: { seconds: 1 } })).toBe(
    'lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type',
  )
  expect(preStop({ exec: {} })).toBe('lifecycle.preStop.exec.command: Required value')
  expect(preStop({ httpGet: { port: 70_000 } })).toBe(
    'lifecycle.preStop.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive',
  )
})

test('Validation: a stop signal needs the operating system to be named', () => {
  const lifecycle = { stopSignal: 'SIGUSR1' }
  expect(validateTestPod({ lifecycle })).toBe(
    'lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`',
  )
  expect(
    validateTestPod({ lifecycle }, { os: { name: 'linux' }, containers: [{ name: 'main', image: 'x', lifecycle }] }),
  ).toBe('valid')
  const wrong = [{ name: 'main', image: 'x', lifecycle: { stopSignal: 'SIGNOTHING' } }]
  expect(validateTestPod({}, { os: { name: 'linux' }, containers: wrong })).toContain('Unsupported value: "SIGNOTHING"')
})

test('Validation: checks containers, ports, mounts and probes', () => {
  expect(validateTestPod({ name: '' })).toBe('name: Required value')
  expect(validateTestPod({ image: '' })).toBe('image: Required value')
  expect(validateTestPod({ ports: [{ containerPort: 0 }] })).toBe('ports[0].containerPort: Required value')
  expect(validateTestPod({ ports: [{ containerPort: 80, name: 'not--good' }] })).toBe(
    'ports[0].name: Invalid value: "not--good": must not contain consecutive hyphens',
  )
  expect(validateTestPod({ volumeMounts: [{ name: 'x', mountPath: '/x' }] })).toBe(
    'volumeMounts[0].name: Not found: "x"',
  )
  expect(validateTestPod({ readinessProbe: { httpGet: { port: 80 }, periodSeconds: -1 } })).toBe(
    'readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
  )
  expect(validateTestPod({ livenessProbe: { httpGet: { port: 80 }, successThreshold: 2 } })).toBe(
    'livenessProbe.successThreshold: Invalid value: 2: must be 1',
  )
  expect(validateTestPod({}, { containers: [] })).toBe('Pod "p" is invalid: spec.containers: Required value')
  expect(validateTestPod({}, { initContainers: [{ name: 'main', image: 'x' }] })).toBe(
    'Pod "p" is invalid: spec.initContainers[0].name: Duplicate value: "main"',
  )
  const hooked = [{ name: 'init', image: 'x', lifecycle: { preStop: { sleep: { seconds: 1 } } } }]
  expect(validateTestPod({}, { initContainers: hooked })).toContain(
    'may not be set for init containers without restartPolicy=Always',
  )
})

test('Validation: of a pod only the image and a little more can change', () => {
  const before = createTestPod('p')
  applyDefaults('pods', before)
  const validateChanged = (change: Partial<Container>) => {
    const after = structuredClone(before)
    Object.assign(after.spec?.containers[0] ?? {}, change)
    return catchMessage(() => validateObject('pods', after, before))
  }
  expect(validateChanged({ image: 'web:2' })).toBe('valid')
  expect(validateChanged({ command: ['x'] })).toContain(
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,',
  )
})

test('Validation: a disruption budget bounds one side only', () => {
  const validateBudget = (spec: PodDisruptionBudget['spec']) =>
    catchMessage(() =>
      validateObject('poddisruptionbudgets', { metadata: { name: 'b', namespace: 'default' }, ...(spec && { spec }) }),
    )
  expect(validateBudget({ minAvailable: 1, maxUnavailable: 1 })).toContain(
    'minAvailable and maxUnavailable cannot be both set',
  )
  expect(validateBudget({ maxUnavailable: '101%' })).toContain('must not be greater than 100%')
  expect(validateBudget({ maxUnavailable: 0 })).toBe('valid')
})

test('Validation: words errors of a Job as the API server does', () => {
  const validateTestJob = (spec: Partial<NonNullable<Job['spec']>>, restartPolicy = 'Never') => {
    const template = { spec: { restartPolicy, containers: [{ name: 'main', image: 'web:1' }] } }
    const object: Job = { metadata: { name: 'j', namespace: 'default' }, spec: { template, ...spec } }
    applyDefaults('jobs', object)
    return catchMessage(() => validateObject('jobs', object)).replace('Job.batch "j" is invalid: ', '')
  }
  expect(validateTestJob({})).toBe('valid')
  expect(validateTestJob({ completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 0 })).toBe(
    'valid',
  )
  expect(validateTestJob({ completionMode: 'Indexed', parallelism: 3 })).toBe(
    'spec.completions: Required value: when completion mode is Indexed',
  )
  expect(validateTestJob({ backoffLimitPerIndex: 1 })).toBe(
    'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
  )
  expect(validateTestJob({}, 'Always')).toBe(
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  )
  expect(validateTestJob({ parallelism: -1 })).toBe(
    'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
  )
  expect(validateTestJob({ completionMode: 'Some' })).toContain('supported values: "NonIndexed", "Indexed"')
  expect(validateTestJob({ activeDeadlineSeconds: 5 })).toContain('Forbidden: the embedded cluster does not have it')
})

test('Validation: a Job’s selector is its own, its template immutable', async () => {
  await using api = await startTestApi()
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1' }] } }
  const path = '/apis/batch/v1/namespaces/default/jobs'
  const { code, body } = await api.ask<Job>(path, {
    method: 'POST',
    body: { metadata: { name: 'j' }, spec: { template } },
  })
  expect(code).toBe(201)
  const labels = { 'batch.kubernetes.io/controller-uid': body.metadata?.uid ?? '' }
  expect(body.spec?.selector).toEqual({ matchLabels: labels })
  expect(body.spec?.template.metadata?.labels).toMatchObject({ ...labels, 'batch.kubernetes.io/job-name': 'j' })
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patch = { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } }
  const validateChanged = await api.ask(`${path}/j`, { method: 'PATCH', headers, body: patch })
  expect(validateChanged.code).toBe(422)
  expect(validateChanged.body.message).toContain('field is immutable')
})

test('Validation: defaults are the same when they are applied again', () => {
  const once = createTestDeployment('web')
  applyDefaults('deployments', once)
  const twice = structuredClone(once)
  applyDefaults('deployments', twice)
  expect(twice).toEqual(once)
})
