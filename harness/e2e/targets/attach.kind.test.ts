/** Workloads that run already on a real cluster: measured with the shipped roles, and changed only by what disrupts them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1ClusterRole } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorkload, namespace, roles, startKindShop, writeManifest } from '../stage/kind-shop.ts'
import type { KindShop } from '../stage/kind-shop.ts'
import { readRuns, runNodrop } from '../stage/nodrop-process.ts'
import type { NodropResult } from '../stage/nodrop-process.ts'
import { createStage, isDisturbed } from '../stage/stage.ts'
import type { JudgedRun } from '../stage/stage.ts'

const deployment = (version: string): object[] =>
  buildWorkload('Deployment', 'shop', { replicas: 2, minReadySeconds: 1 }).map((object, at) =>
    at === 0 ? withVersion(object, version) : object,
  )

function withVersion(object: object, version: string): object {
  const copy = structuredClone(object) as { spec: { template: { metadata: { annotations?: object } } } }
  copy.spec.template.metadata.annotations = { version }
  return copy
}

const folder = mkdtempSync(join(tmpdir(), 'nodrop-attach-kind-'))
const stage = createStage()
const stack = new AsyncDisposableStack()
const manifests = { v1: join(folder, 'v1.yaml'), v2: join(folder, 'v2.yaml') }
let cluster: KindShop

beforeAll(async () => {
  cluster = await startKindShop('nodrop-test-attach', folder, stack)
  const others = [
    ...buildWorkload('StatefulSet', 'ledger', { replicas: 2, serviceName: 'ledger' }),
    ...buildWorkload('DaemonSet', 'agent', { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }),
  ]
  writeManifest(manifests.v1, [...deployment('1'), ...others])
  writeManifest(manifests.v2, deployment('2'))
  kubectl('apply', '-f', manifests.v1)
  for (const name of ['deployment/shop', 'statefulset/ledger', 'daemonset/agent'])
    kubectl('rollout', 'status', name, '-n', namespace, '--timeout=120s')
})
afterAll(async () => {
  await stack.disposeAsync()
  stage[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const kubectl = (...args: string[]): string => cluster.kubectl(...args)

/** What controllers make of others' objects, anew all the time. */
const made = /^(pods|events|endpoints|replicasets|controllerrevisions|endpointslices|leases)(\.|$)/

interface Kept {
  kind: string
  metadata: { name: string; annotations?: Record<string, string>; labels?: object }
  spec?: { template?: { metadata: { annotations?: object } } }
}

/** Every object of the namespace, and every node's being cordoned, without what the server keeps for itself. */
function readObjects(): Record<string, unknown> {
  const resources = kubectl('api-resources', '--namespaced', '--verbs=list', '-o', 'name').trim().split('\n')
  const chosen = resources.filter((name) => !made.test(name)).join(',')
  const { items } = JSON.parse(kubectl('get', chosen, '-n', namespace, '-o', 'json')) as { items: Kept[] }
  const nodes = JSON.parse(kubectl('get', 'nodes', '-o', 'json')) as { items: { metadata: object; spec: object }[] }
  const kept = items.map(({ kind, metadata: { name, annotations = {}, labels }, ...rest }) => {
    const {
      'deployment.kubernetes.io/revision': _,
      'deprecated.daemonset.template.generation': __,
      ...own
    } = annotations
    const { 'kubectl.kubernetes.io/last-applied-configuration': ___, ...others } = own
    return [`${kind} ${name}`, { labels, annotations: others, ...rest, status: null }]
  })
  return {
    ...Object.fromEntries(kept),
    nodes: nodes.items.map(({ metadata, spec }) => [(metadata as { labels: object }).labels, spec]),
  }
}

function attach(target: string, ...more: string[]): Promise<NodropResult> {
  const [, , , , , , ...out] = stage.options
  const place = [target, '-n', namespace, '--context', 'measurer']
  return runNodrop(['run', ...place, ...out, '--json', ...more], { env: { ...stage.env, ...cluster.user.env } })
}

type RunJson = JudgedRun & { because: string[]; ledger: { sent: number; lost: number } }

/** It lost nothing, or the machine was too busy to say so; a load that met nothing is no result. */
function expectMeasured({ code, stdout, stderr }: NodropResult): void {
  const [run] = readRuns<RunJson>(stdout)
  expect([code, run.verdict, run.because]).toEqual(
    isDisturbed(run) ? [4, 'unknown', run.because] : [0, 'passed', run.because],
  )
  expect(run.ledger.lost).toBe(0)
  expect(run.ledger.sent).toBeGreaterThan(200)
  expect(stderr).not.toMatch(/forbidden|still there|Not undone/)
}

/** Annotations of a template that a restart by kubectl makes. */
function withoutRestarts(objects: Record<string, unknown>): unknown {
  return JSON.parse(
    JSON.stringify(objects, (key, value: unknown) => (key === 'kubectl.kubernetes.io/restartedAt' ? undefined : value)),
  )
}

/** `creationTimestamp: null` and an empty map say the same as nothing. */
function normalize(objects: unknown): unknown {
  return JSON.parse(
    JSON.stringify(objects, (key, value: unknown) => (key === 'annotations' && isEmpty(value) ? undefined : value)),
  )
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

test('roles: without them everything is named that is missing, and nothing is made', async () => {
  const before = readObjects()
  const { code, stderr } = await attach('deployment/shop', '--', 'true')
  expect(code).toBe(3)
  expect(stderr).toMatch(/lacks permissions in the namespace shop: list, watch events; list, watch pods/)
  expect(readObjects()).toEqual(before)
  await cluster.grantRoles()
})

test.each(['deployment/shop', 'statefulset/ledger', 'daemonset/agent'])(
  '%s: kubectl restarts it, and nothing else has changed',
  async (target) => {
    const before = readObjects()
    const restart = ['kubectl', '--context', 'admin', 'rollout', 'restart', target, '-n', namespace]
    expectMeasured(await attach(target, '--', ...restart))
    const after = readObjects()
    expect(after).not.toEqual(before)
    expect(normalize(withoutRestarts(after))).toEqual(normalize(withoutRestarts(before)))
  },
)

test('a new version that kubectl applies: nothing has changed but that', async () => {
  const before = readObjects()
  expectMeasured(await attach('deployment/shop', '--', 'kubectl', '--context', 'admin', 'apply', '-f', manifests.v2))
  const after = readObjects()
  const [, changed] = Object.entries(after).find(([name]) => name === 'Deployment shop') ?? []
  expect((changed as Kept).spec?.template?.metadata.annotations).toMatchObject({ version: '2' })
  const withoutVersion = (objects: object): unknown =>
    JSON.parse(JSON.stringify(objects, (key, value: unknown) => (key === 'version' ? undefined : value)))
  expect(normalize(withoutVersion(after))).toEqual(normalize(withoutVersion(before)))
})

test('a drain: the node takes pods again, and nothing has changed', async () => {
  const before = readObjects()
  expectMeasured(await attach('deployment/shop', '--rate', '50', '--scenario', 'drain'))
  // The taint of a cordoned node is taken away a moment later.
  await expect.poll(() => readObjects(), { timeout: 20_000, interval: 1000 }).toEqual(before)
})

test('roles: each rule that is missing is named, before anything is made', async () => {
  for (const role of roles.filter(({ metadata }) => metadata?.name === 'nodrop-attach')) {
    for (const [at, rule] of (role.rules ?? []).entries()) {
      const name = role.metadata?.name ?? ''
      const replace = (rules: V1ClusterRole['rules']): string =>
        kubectl('patch', 'clusterrole', name, '--type=merge', '-p', JSON.stringify({ rules }))
      replace(role.rules?.filter((_, place) => place !== at) ?? [])
      const { code, stderr } = await attach('deployment/shop', '--dry-run', '--', 'true')
      replace(role.rules ?? [])
      expect([code, stderr]).toEqual([3, expect.stringContaining(`${rule.verbs.join(', ')} ${rule.resources?.[0]}`)])
    }
  }
})
