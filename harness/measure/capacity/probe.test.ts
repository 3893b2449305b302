/** A probe that fails before its load: it reports the reason and removes what it has made. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { createApi } from '../../cluster/api.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { acceptWrites, buildRefusal, listNoPods, startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiAnswer, ApiProxy, RecordedRequest } from '../../testing/api-proxy.ts'
import { readBaseManifests } from '../objects/base-manifests.ts'
import { probeCapacity } from './probe.ts'
import type { Knee, Step } from './knee.ts'

const manifests = join(import.meta.dirname, '../../../manifests')
const plan = { ...buildPlan({}, { name: 'graceful' }), runId: 'capacity-graceful-1' }
const namespace = '/api/v1/namespaces/nodrop-capacity-graceful-1'

let server: ApiProxy
let directory: string
const steps: Step[] = []
beforeAll(async () => {
  server = await startApiProxy()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-probe-'))
  server.requests.length = 0
  steps.length = 0
  return () => rmSync(directory, { recursive: true })
})

async function probe(
  answer: (request: RecordedRequest) => ApiAnswer | undefined,
  signal = new AbortController().signal,
): Promise<Knee> {
  server.answer = (request) => answer(request) ?? listNoPods(request) ?? acceptWrites(request)
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  try {
    const { workload, driver } = readBaseManifests(manifests)
    const onStep = (step: Step): void => void steps.push(step)
    const base = { workload, driver }
    return await probeCapacity({
      plan,
      patch: {},
      base,
      driverCode: '',
      api,
      directory,
      startPerSecond: 10,
      onStep,
      signal,
    })
  } finally {
    api.close()
  }
}
const listDeletions = (): unknown[] =>
  server.requests
    .filter(({ method, path }) => method === 'DELETE' && path === namespace)
    .map(({ body }) => (JSON.parse(body) as { preconditions: unknown }).preconditions)

test('probe: a namespace that is refused ends it, and nothing is deleted', async () => {
  const failing = probe(({ method, path }) =>
    method === 'POST' && path === '/api/v1/namespaces' ? buildRefusal(403, 'over quota') : undefined,
  )
  await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('over quota') })
  expect(listDeletions()).toEqual([])
})

test('probe: a workload that is refused ends it, and the namespace that was made is deleted', async () => {
  const failing = probe(({ method, path }) =>
    method === 'POST' && path.startsWith('/apis/apps/v1/') ? buildRefusal(403, 'over quota') : undefined,
  )
  await expect(failing).rejects.toThrow('Cannot create Deployment web: over quota')
  expect(listDeletions()).toEqual([{ uid: 'u1' }])
  expect([steps, existsSync(join(directory, '01-10'))]).toEqual([[], false])
})

test('probe: an interruption while pods start ends it with its own reason', async () => {
  const stop = new AbortController()
  const reason = new Fault('interrupted', 'Interrupted')
  const failing = probe(({ method, path }) => {
    if (method === 'GET' && path.includes('/pods')) stop.abort(reason)
    return undefined
  }, stop.signal)
  await expect(failing).rejects.toBe(reason)
  expect(listDeletions()).toEqual([{ uid: 'u1' }])
})
