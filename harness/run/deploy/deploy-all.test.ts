import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import { expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import { createCredential } from '../../load/service/credential.ts'
import { getPlanPath, readPlan, writePlan } from '../../log/plan-file.ts'
import type { RunPlan } from '../../model/plan.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy, RecordedRequest } from '../../testing/api-proxy.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { deployAll, describeTarget } from './deploy-all.ts'
import type { DeployOptions, Deployment } from './deploy-all.ts'

type Fields = Record<string, unknown>

const planted = 's3cret'
const hex = '5a'.repeat(32)
const pod = (name: string, rest: object): object => ({
  metadata: { name, annotations: { 'batch.kubernetes.io/job-completion-index': '0' } },
  ...rest,
})
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const lists: Record<string, object[]> = {
  '/api/v1': [
    { name: 'services', kind: 'Service', namespaced: true },
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'secrets', kind: 'Secret', namespaced: true },
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
  ],
  '/apis/apps/v1': [{ name: 'deployments', kind: 'Deployment', namespaced: true }],
  '/apis/batch/v1': [{ name: 'jobs', kind: 'Job', namespaced: true }],
}

/** Answers as an API server whose controllers are done at once. */
function answerAs(plan: RunPlan): ApiProxy['answer'] {
  const deployments: Fields[] = []
  const containers = [{ name: 'app', image: 'nodrop/app:dev', env: [{ name: 'NODROP_WORKLOAD', value: plan.runId }] }]
  const web = pod('web-1', {
    spec: { containers },
    status: { ...ready, containerStatuses: [{ name: 'app', imageID: `docker.io/nodrop/app@sha256:${hex}` }] },
  })
  const items = (path: string): object[] =>
    path.includes('app%3Ddriver') ? [pod('driver-0', { spec: { containers: [] }, status: ready })] : [web]
  const post = (object: Fields): Fields => {
    const { metadata } = object as { metadata: Fields }
    const created = { ...object, metadata: { ...metadata, uid: 'u', resourceVersion: '1', managedFields: [{}] } }
    if (object['kind'] === 'Deployment') deployments.push(created)
    return created
  }
  const answer = ({ method, path, body }: RecordedRequest): unknown => {
    if (lists[path] !== undefined) return { resources: lists[path] }
    if (method === 'POST') return post(JSON.parse(body) as Fields)
    if (method === 'PATCH') return Object.assign(deployments[0]!, mergePatch(deployments[0], JSON.parse(body)))
    if (path.includes('/pods/')) return { metadata: { name: 'control' }, status: ready }
    if (path.includes('/pods')) return { kind: 'PodList', items: items(path) }
    return path.includes('/deployments/') ? { status: { readyReplicas: plan.scenario.replicas } } : {}
  }
  return (request) => ({ status: request.method === 'POST' ? 201 : 200, body: answer(request) })
}

/** A strategic merge patch of lists that are merged by name. */
function mergePatch(value: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    const merged = new Map((Array.isArray(value) ? (value as { name: string }[]) : []).map((one) => [one.name, one]))
    for (const one of patch as { name: string }[])
      merged.set(one.name, mergePatch(merged.get(one.name), one) as { name: string })
    return [...merged.values()]
  }
  if (typeof patch !== 'object' || patch === null) return patch
  const fields = (value ?? {}) as Fields
  return { ...fields, ...Object.fromEntries(Object.entries(patch).map(([k, one]) => [k, mergePatch(fields[k], one)])) }
}

const object = (apiVersion: string, kind: string, name: string, rest: object): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...rest,
})
const container = (name: string): object => ({
  name,
  image: `nodrop/${name}:dev`,
  args: ['--quiet'],
  env: [{ name: 'SHARED', value: planted }],
})
const base: DeployOptions['base'] = {
  workload: [
    object('apps/v1', 'Deployment', 'web', {
      spec: { replicas: 0, template: { spec: { containers: [container('app')] } } },
    }),
    object('v1', 'Service', 'web', { spec: { clusterIP: '10.0.0.1', ports: [{ port: 80 }] } }),
    object('v1', 'Secret', 'keys', { data: { key: Buffer.from(planted).toString('base64') } }),
    object('v1', 'ConfigMap', 'settings', { data: { file: planted } }),
  ],
  control: [object('v1', 'Pod', 'control', { spec: { containers: [container('app')] } })],
  driver: object('batch/v1', 'Job', 'driver', { spec: { template: { spec: { containers: [container('driver')] } } } }),
}
const probe = { httpGet: { path: '/', port: 80, httpHeaders: [{ name: 'authorization', value: planted }] } }
const patch = {
  spec: {
    template: { spec: { containers: [{ name: 'app', env: [{ name: 'OWN', value: planted }], livenessProbe: probe }] } },
  },
}
const load = {
  ...buildPlan().scenario.load,
  controlPerSecond: 1,
  requests: { fresh: { headers: { authorization: planted } } },
}

type Objects = Pick<Deployment, 'objects'>

/** The objects that a run of that base deploys on a scripted API server; with a namespace, for a workload that runs there already. */
async function deploySample(
  namespace?: string,
): Promise<{ plan: RunPlan; deployment: Deployment; described: Objects }> {
  await using server = await startApiProxy()
  const sample = buildPlan({ load })
  const plan = { ...sample, workload: { ...sample.workload, ...(namespace !== undefined && { namespace }) } }
  server.answer = answerAs(plan)
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  const { signal } = new AbortController()
  const own = { api, namespace: 'n', plan, base, patch, signal }
  const deployment = await deployAll({ ...own, driverCode: planted, credential: createCredential() })
  const described = await describeTarget(own)
  api.close()
  return { plan, deployment, described }
}

test('a deployment: base and configuration as the API server merged them', async () => {
  const { deployment } = await deploySample()
  expect(deployment.drivers.map(({ name }) => name)).toEqual(['driver-0'])
  expect(deployment.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Service web',
    'Secret keys',
    'ConfigMap settings',
    'Deployment web',
    'Pod control',
    'ConfigMap driver',
    'Job driver',
  ])
  const web = deployment.objects.find(({ kind }) => kind === 'Deployment')
  expect(web).toMatchObject({
    apiVersion: 'apps/v1',
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'app',
              image: 'nodrop/app:dev',
              env: [{ name: 'SHARED' }, { name: 'OWN' }, { name: 'NODROP_WORKLOAD', value: '<run>' }],
            },
          ],
        },
      },
    },
  })
  expect(web?.metadata).toEqual({ name: 'web' })
  expect(deployment.images).toEqual([{ name: 'nodrop/app:dev', digest: `sha256:${hex}` }])
})

test('a deployment: no value of an environment, Secret, ConfigMap or header', async () => {
  const { plan, deployment } = await deploySample()
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-deployed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { drivers: _, ...described } = deployment
  writePlan(folder, { ...plan, deployed: { ...described, source: { path: null, sha256: hex } } })
  expect(readPlan(folder).deployed?.objects).toEqual(deployment.objects)
  const text = readFileSync(getPlanPath(folder), 'utf8')
  expect(text).toContain('authorization')
  expect(text).not.toContain(planted)
  expect(text).not.toContain(Buffer.from(planted).toString('base64'))
})

test('a deployment: words of commands are unchanged, except in a workload that nodrop did not deploy', async () => {
  const listArgs = ({ objects }: Objects): string[] =>
    objects.flatMap(({ kind, spec }) => {
      const args = /"args":(\[[^\]]*\])/.exec(JSON.stringify(spec))?.[1]
      return args === undefined ? [] : [`${kind} ${args}`]
    })
  const own = await deploySample()
  expect(listArgs(own.deployment)).toEqual(['Deployment ["--quiet"]', 'Pod ["--quiet"]', 'Job ["--quiet"]'])
  const attached = await deploySample('shop')
  const ofOthers = expect.stringMatching(/^Deployment \["sha256:[0-9a-f]{64}"\]$/) as string
  expect(listArgs(attached.deployment)).toEqual([ofOthers, 'Pod ["--quiet"]', 'Job ["--quiet"]'])
  // With a load from outside.
  expect(listArgs(attached.described)).toEqual([ofOthers])
})
