/** Objects in the user's files that an API server refuses are reported by file, line and column, and the check leaves nothing behind. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Fault } from '../../base/fault.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { acceptWrites, buildRefusal, listNoPods, startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiAnswer, ApiProxy, RecordedRequest } from '../../testing/api-proxy.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { comparisonOptions } from '../../testing/samples/sample-options.ts'
import { readBaseManifests } from './base-manifests.ts'
import { planComparison } from '../plan-runs.ts'
import { rejectInvalidObjects } from './validate-objects.ts'

let server: ApiProxy
let folder: string
let kubeconfig: string
beforeAll(async () => {
  server = await startApiProxy()
  folder = mkdtempSync(join(tmpdir(), 'nodrop-validate-'))
  cpSync(comparisonOptions.manifests, folder, { recursive: true })
  kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  server.requests.length = 0
})

const invalid = (message: string, ...fields: string[]): ApiAnswer => ({
  status: 422,
  body: {
    kind: 'Status',
    code: 422,
    message,
    details: { causes: fields.map((field) => ({ field, message, reason: 'FieldValueInvalid' })) },
  },
})

async function validate(
  answer: (request: RecordedRequest) => ApiAnswer | undefined = () => undefined,
  signal = new AbortController().signal,
  applied: readonly ScenarioStep[] = [],
): Promise<void> {
  server.answer = (request) => answer(request) ?? listNoPods(request) ?? acceptWrites(request)
  const cluster: Cluster = {
    kind: 'kubeconfig',
    kubeconfig,
    description: '',
    lost: new AbortController().signal,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const asked = { ...comparisonOptions, config: ['naive', 'graceful'], rounds: 2, manifests: folder }
  const planned = planComparison(asked).map((one) => ({
    ...one,
    scenario: { ...one.scenario, steps: [...applied, ...one.scenario.steps] },
  }))
  const comparison = { id: 'c1', directory: folder }
  await rejectInvalidObjects(cluster, {
    planned,
    base: readBaseManifests(folder),
    comparison,
    signal,
    manifests: folder,
  })
}
const deletion = 'DELETE /api/v1/namespaces/nodrop-c1-rehearsal'
const listWrites = (): string[] =>
  server.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)

/** The line of a file in which a text first occurs, from 1. */
const findLine = (file: string, text: string): number =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1

test('valid: every object and every configuration is tried once, dry, in a namespace that is deleted', async () => {
  await validate()
  const writes = listWrites()
  expect(writes[0]).toBe('POST /api/v1/namespaces')
  expect(writes.filter((write) => write === deletion)).toHaveLength(1)
  // For any number of rounds.
  expect(writes.filter((write) => write.startsWith('PATCH'))).toHaveLength(2)
  for (const { method, path } of server.requests.filter((request) => request.method === 'PATCH'))
    expect(`${method} ${path}`).toContain('dryRun=All')
})

test('applied: an object of a kind that the cluster has in no namespace is refused, and nothing is made', async () => {
  const create = (kind: string): ScenarioStep => ({
    kind: 'apply',
    file: 'v2.yaml',
    read: () => [{ apiVersion: 'example.com/v1', kind, metadata: { name: 'gold' } }],
  })
  const resources = [
    { name: 'plans', kind: 'Plan', namespaced: true },
    { name: 'tiers', kind: 'Tier', namespaced: false },
  ]
  const answer = ({ path }: RecordedRequest): ApiAnswer | undefined =>
    path === '/apis/example.com/v1' ? { status: 200, body: { kind: 'APIResourceList', resources } } : undefined
  await validate(answer, undefined, [create('Plan'), create('Unknown')])
  server.requests.length = 0
  await expect(validate(answer, undefined, [create('Plan'), create('Tier')])).rejects.toMatchObject({
    kind: 'usage',
    message:
      'rollout: v2.yaml: a scenario cannot apply the Tier gold: it is in no namespace, and would stay when the run is over',
  })
  expect(listWrites()).toEqual([])
})

test('invalid configuration: refused at the place in its file, and the others are tried all the same', async () => {
  const problem = 'spec.template.spec.terminationGracePeriodSeconds: Invalid value: must be positive'
  const field = 'spec.template.spec.terminationGracePeriodSeconds'
  const failing = validate(({ method, body }) =>
    method === 'PATCH' && body.includes('terminationGracePeriodSeconds') ? invalid(problem, field) : undefined,
  )
  const line = findLine('graceful.yaml', 'terminationGracePeriodSeconds')
  expect(line).toBeGreaterThan(0)
  await expect(failing).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(
      new RegExp(`graceful\\.yaml:${line}:\\d+: Cannot apply the configuration graceful: ${problem}$`),
    ),
  })
  expect(listWrites().filter((write) => write.startsWith('PATCH'))).toHaveLength(2)
  expect(listWrites()).toContain(deletion)
})

test('invalid base: told for each object of its file, and no configuration is tried on it', async () => {
  const error = await validate(({ method, path }) =>
    method === 'POST' && /\/(services|jobs)/.test(path) ? invalid('is not allowed here') : undefined,
  ).catch((fault: Fault) => fault)
  const lines = (error as Fault).message.split('\n')
  expect(lines.map((line) => /(web|control|driver)\.yaml.*: Cannot create (\w+)/.exec(line)?.slice(1))).toEqual([
    ['web', 'Service'],
    ['control', 'Service'],
    ['driver', 'Job'],
  ])
  expect(listWrites().filter((write) => write.startsWith('PATCH'))).toEqual([])
})

test('namespace refused: nothing else is tried, and nothing deleted', async () => {
  const failing = validate(({ method, path }) =>
    method === 'POST' && path === '/api/v1/namespaces' ? buildRefusal(403, 'not you') : undefined,
  )
  await expect(failing).rejects.toThrow('not you')
  expect(listWrites()).toEqual(['POST /api/v1/namespaces'])
})

test('interrupted: the namespace is deleted', async () => {
  const stop = new AbortController()
  const failing = validate(({ method }) => {
    if (method === 'PATCH') stop.abort(new Error('stopped'))
    return undefined
  }, stop.signal)
  await expect(failing).rejects.toThrow('stopped')
  expect(listWrites()).toContain(deletion)
})
