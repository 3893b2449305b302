import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../base/fault.ts'
import { createApi } from '../cluster/api.ts'
import { readLog } from '../log/reader.ts'
import { readPlanDigest } from '../log/plan-file.ts'
import type { LogRecord } from '../model/record.ts'
import { acceptWrites, buildRefusal, startApiProxy } from '../testing/api-proxy.ts'
import type { ApiAnswer, ApiProxy, RecordedRequest } from '../testing/api-proxy.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import { startScriptedApi } from '../testing/scripted-api.ts'
import type { ScriptedApi } from '../testing/scripted-api.ts'
import { executeRun } from './run.ts'

const namespace = 'nodrop-rollout-graceful-1'
const forbid = (what: string): ApiAnswer => buildRefusal(403, what)

/** Answers lists with nothing and leaves watches open; the server in front of it accepts the writes of a run. */
let scripted: ScriptedApi
let server: ApiProxy
beforeAll(async () => {
  scripted = await startScriptedApi()
  const { clusters } = JSON.parse(readFileSync(scripted.kubeconfig, 'utf8')) as { clusters: { cluster: Cluster }[] }
  const { server: url = '', 'certificate-authority-data': ca = '' } = clusters[0]?.cluster ?? {}
  server = await startApiProxy({ behind: { url, ca: Buffer.from(ca, 'base64').toString(), token: 't' } })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await scripted[Symbol.asyncDispose]()
})

interface Cluster {
  server?: string
  'certificate-authority-data'?: string
}

function accept(request: RecordedRequest): ApiAnswer | undefined {
  if (request.method === 'GET' && request.path.endsWith('/deployments/web'))
    return { status: 200, body: { metadata: { generation: 1 } } }
  return acceptWrites(request)
}

const containers = [{ name: 'app', image: 'app' }]
const template = { metadata: { labels: { app: 'web' } }, spec: { containers } }
const driver = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'driver' }, spec: { template } }
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } }
const base = { workload: [service, deployment], control: [], driver }

/** A run on a server that gives `answer` where it is defined, and accepts everything else. */
function startRun(answer: (request: RecordedRequest) => ApiAnswer | undefined, stop = new AbortController()) {
  server.requests.length = 0
  server.answer = (request) => answer(request) ?? accept(request)
  const runDir = mkdtempSync(join(tmpdir(), 'nodrop-run-'))
  onTestFinished(() => rmSync(runDir, { recursive: true }))
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  onTestFinished(() => api.close())
  const records: LogRecord[] = []
  const options = {
    plan: buildPlan(),
    patch: {},
    source: { path: 'manifests/graceful.yaml', sha256: '' },
    base,
    driverCode: '',
    api,
    nodeClock: null,
    runDir,
    onRecord: (record: LogRecord) => void records.push(record),
    signal: stop.signal,
  }
  return { done: executeRun(options), runDir, records }
}

/** The steps of a run in its log; failed ones with their detail. */
async function readSteps(runDir: string): Promise<string[]> {
  const steps: string[] = []
  for await (const record of readLog(runDir)) {
    if (record.type === 'step') steps.push(record.detail === null ? record.step : `${record.step}: ${record.detail}`)
  }
  return steps
}

const listDeletions = (): unknown[] =>
  server.requests
    .filter(({ method, path }) => method === 'DELETE' && path === `/api/v1/namespaces/${namespace}`)
    .map(({ body }) => JSON.parse(body))
/** The namespace that was created, and no later one of the same name. */
const itsNamespace = { preconditions: { uid: 'u1' }, gracePeriodSeconds: 0 }

test('log: it begins with the digest of the plan beside it, and ends', async () => {
  const { done, runDir, records } = startRun(({ method }) => (method === 'POST' ? forbid('no') : undefined))
  await done
  expect(records[0]).toMatchObject({ type: 'begin', t: 0, planDigest: readPlanDigest(runDir) })
  expect(records.at(-1)).toMatchObject({ type: 'step', step: 'end' })
  const written: LogRecord[] = []
  for await (const record of readLog(runDir)) written.push(record)
  expect(written).toEqual(records)
})

test('namespace refused: the log says so, and nothing is deleted', async () => {
  const { done, runDir } = startRun(({ path }) => (path === '/api/v1/namespaces' ? forbid('not you') : undefined))
  await done
  expect(await readSteps(runDir)).toEqual([
    'deploy-begin',
    `failed: Cannot create the namespace ${namespace}: not you`,
    'end',
  ])
  expect(listDeletions()).toEqual([])
})

test('workload refused: the log says so, and the namespace is deleted', async () => {
  const { done, runDir } = startRun(({ method, path }) =>
    method === 'POST' && path.startsWith('/apis/apps/v1/') ? forbid('over quota') : undefined,
  )
  await done
  expect(await readSteps(runDir)).toEqual(['deploy-begin', 'failed: Cannot create Deployment web: over quota', 'end'])
  expect(listDeletions()).toEqual([itsNamespace])
})

test('configuration invalid: the run rejects as wrong usage, and cleans up', async () => {
  const invalid = buildRefusal(422, 'spec.replicas: Invalid value')
  const { done, runDir } = startRun(({ method }) => (method === 'PATCH' ? invalid : undefined))
  const message = 'Cannot apply the configuration graceful: spec.replicas: Invalid value'
  await expect(done).rejects.toMatchObject({ kind: 'usage', message })
  expect(await readSteps(runDir)).toEqual(['deploy-begin', `failed: ${message}`, 'end'])
  expect(listDeletions()).toEqual([itsNamespace])
})

test('clean-up failing too: what went wrong first is told', async () => {
  const { done, runDir } = startRun(({ method, path }) => {
    if (method === 'DELETE') return forbid('not you either')
    return method === 'POST' && path.startsWith('/apis/apps/v1/') ? forbid('over quota') : undefined
  })
  await done
  expect(await readSteps(runDir)).toContain('failed: Cannot create Deployment web: over quota')
})

test('interrupted while pods start: it is logged, the namespace deleted', async () => {
  const stop = new AbortController()
  const { done, runDir } = startRun(({ method }) => {
    if (method === 'PATCH') setTimeout(() => stop.abort(new Fault('interrupted', 'Interrupted')), 50)
    return undefined
  }, stop)
  await done
  expect(await readSteps(runDir)).toEqual(['deploy-begin', 'interrupted', 'end'])
  expect(listDeletions()).toEqual([itsNamespace])
})

test('interrupted before it began: the log says so, and nothing is asked for', async () => {
  const stop = new AbortController()
  stop.abort(new Fault('interrupted', 'Interrupted'))
  const { done, runDir } = startRun(() => undefined, stop)
  await done
  expect(await readSteps(runDir)).toEqual(['interrupted', 'end'])
  expect(server.requests).toEqual([])
})
