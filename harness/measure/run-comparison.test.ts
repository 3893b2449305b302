/** A comparison from its options to its report, on the scripted API server of a named context: no pod ever starts there. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { acceptWrites, buildRefusal, listNoPods, startApiProxy } from '../testing/api-proxy.ts'
import type { ApiAnswer, ApiProxy, RecordedRequest } from '../testing/api-proxy.ts'
import { comparisonOptions } from '../testing/samples/sample-options.ts'
import { runComparison } from './run-comparison.ts'
import type { ComparisonResult, RunComparisonOptions } from './run-comparison.ts'

let server: ApiProxy
let folder: string
let out: string
const said: string[] = []
beforeAll(async () => {
  server = await startApiProxy()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-comparison-'))
  out = join(folder, 'out')
  writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig('staging'))
  server.requests.length = 0
  said.length = 0
  return () => rmSync(folder, { recursive: true })
})

const asked = (): RunComparisonOptions => ({
  ...comparisonOptions,
  config: ['naive', 'graceful'],
  cluster: 'kubeconfig',
  context: 'staging',
  kubeconfig: join(folder, 'kubeconfig'),
  imageRegistry: 'registry.example/team',
  out,
})

const isNamespaceOf = ({ method, path, body }: RecordedRequest, run: RegExp): boolean =>
  method === 'POST' && path === '/api/v1/namespaces' && run.test(body)

/** Answers like the API server of a cluster whose user has all permissions, and which accepts all objects. */
function accept(request: RecordedRequest): ApiAnswer | undefined {
  const { path } = request
  if (path === '/version') return { status: 200, body: { gitVersion: 'v1.35.2', major: '1', minor: '35' } }
  if (path.includes('accessreviews')) return { status: 201, body: { status: { allowed: true } } }
  if (path === '/api/v1/namespaces/kube-system') return { status: 200, body: { metadata: { uid: 'cluster-1' } } }
  return listNoPods(request) ?? acceptWrites(request)
}

async function play(
  change: Partial<RunComparisonOptions> = {},
  answer: (request: RecordedRequest) => ApiAnswer | undefined = () => undefined,
  signal = new AbortController().signal,
): Promise<ComparisonResult> {
  server.answer = (request) => answer(request) ?? accept(request)
  return runComparison(
    { ...asked(), ...change },
    {
      paths: { apps: '', scenarios: '', manifests: '', reports: join(folder, 'reports') },
      progress: {
        say: (line) => void said.push(line),
        beginRun: () => ({ see: () => undefined, end: () => undefined }),
      },
      signal,
    },
  )
}
const forbidRuns = (request: RecordedRequest): ApiAnswer | undefined =>
  isNamespaceOf(request, /rollout/) ? buildRefusal(403, 'over quota') : undefined

describe('before anything is started', () => {
  test.each<[what: string, change: Partial<RunComparisonOptions>, message: RegExp]>([
    ['a configuration that is not there', { config: ['gracful'] }, /Cannot find the configuration "gracful"/],
    [
      'an Ingress on a cluster without one',
      { cluster: 'local', ...withoutContext(), via: { kind: 'ingress', host: 'shop.test', port: 80 } },
      /Cannot take the load through an Ingress/,
    ],
    ['a context for a cluster that needs none', { cluster: 'local' }, /Cannot use --context with --cluster local/],
    ['more runs than a comparison may have', { rounds: 100_000 }, /Cannot plan 200000 runs/],
    ['a command without a target', { command: ['make'] }, /without a target/],
  ])('%s is refused: no directory is made, nothing is asked for', async (_, change, message) => {
    await expect(play(change)).rejects.toMatchObject({ kind: 'usage', message: expect.stringMatching(message) })
    expect([existsSync(out), server.requests]).toEqual([false, []])
  })
})

function withoutContext(): Partial<RunComparisonOptions> {
  const none = { context: undefined, kubeconfig: undefined, imageRegistry: undefined }
  return none as unknown as Partial<RunComparisonOptions>
}

test('runs that could not deploy: reported, with a verdict that says why', async () => {
  const { directory, judged, failure } = await play({}, forbidRuns)
  expect(failure).toBeUndefined()
  expect(judged?.rows.map(({ configuration, result }) => [configuration, result.verdict])).toEqual([
    ['naive', 'unknown'],
    ['graceful', 'unknown'],
  ])
  expect(readdirSync(directory)).toEqual(
    expect.arrayContaining(['comparison.json', 'report.html', 'junit.xml', 'summary.md', 'summary.json']),
  )
  expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain('over quota')
  expect(said[0]).toMatch(/^2 runs \(scenario rollout, 2 configurations\): about/)
  expect(said).toContainEqual(expect.stringMatching(/^context staging: Kubernetes v1\.35\.2 at /))
})

test('session: what is written down of the cluster names the comparison, which finds it when it is resumed', async () => {
  const sessions = join(folder, 'reports/cluster/context-state')
  const named = new Set<string | undefined>()
  const { directory } = await play({ config: ['naive'] }, (request) => {
    if (!isNamespaceOf(request, /r1/)) return undefined
    for (const name of readdirSync(sessions)) {
      const text = readFileSync(join(sessions, name, 'session.json'), 'utf8')
      named.add((JSON.parse(text) as { comparison?: string }).comparison)
    }
    return undefined
  })
  expect([...named]).toEqual([basename(directory)])
})

test('images: of the sample only from the registry that was named', async () => {
  await play({}, forbidRuns)
  const images = server.requests.flatMap(({ body }) =>
    [...body.matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image!),
  )
  expect(images.length).toBeGreaterThan(3)
  for (const image of images) expect(image).toMatch(/^registry\.example\/team\/nodrop\//)
})

test('a cluster that must not be used: the reason, and no directory of a comparison without a run', async () => {
  const { judged, failure } = await play({}, ({ path }) =>
    path.includes('accessreviews') ? { status: 201, body: { status: { allowed: false } } } : undefined,
  )
  expect([judged, failure]).toEqual([null, expect.objectContaining({ kind: 'environment' })])
  expect(readdirSync(out)).toEqual([])
  expect(server.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('accessreviews'))).toEqual([])
})

test('objects that the server does not take: no run begins', async () => {
  const { judged, failure } = await play({}, ({ method }) =>
    method === 'PATCH' ? buildRefusal(422, 'is invalid') : undefined,
  )
  expect([judged, failure]).toEqual([null, expect.objectContaining({ kind: 'usage' })])
  expect(server.requests.some((request) => isNamespaceOf(request, /rollout/))).toBe(false)
})

test('interrupted during the dry run: nothing is reported, and nothing is wrong', async () => {
  const stop = new AbortController()
  const result = await play(
    {},
    (request) => {
      if (isNamespaceOf(request, /rehearsal/)) stop.abort(new Error('stopped'))
      return undefined
    },
    stop.signal,
  )
  expect(result).toMatchObject({ judged: null })
  expect(result).not.toHaveProperty('failure')
  expect(readdirSync(out)).toEqual([])
})

test('directory: for its owner only, as what was seen of a workload is', async () => {
  const { directory } = await play({}, forbidRuns)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})
