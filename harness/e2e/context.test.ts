import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { optionalNodePermissions, permissions } from '../cluster/context/permissions.ts'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { startApiProxy } from '../testing/api-proxy.ts'
import type { RecordedRequest, ApiProxy } from '../testing/api-proxy.ts'
import { waitUntil } from '../testing/residue.ts'
import { getVerb } from './stage/api-verb.ts'
import { NodropProcess, home, runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'
import { createUserHome, startTarget } from './stage/user-home.ts'
import type { UserHome } from './stage/user-home.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
interface Made {
  name: string
  labels: object
}

const identityPath = '/api/v1/namespaces/kube-system'
const isRead = ({ method }: RecordedRequest): boolean => method === 'GET'
const isReview = ({ path }: RecordedRequest): boolean => path.endsWith('/selfsubjectaccessreviews')
/** The recorded sessions of this test's contexts. */
const listSessions = (): string[] => {
  const folder = join(home, 'reports/cluster/context-state')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('session.json') && readFileSync(path, 'utf8').includes('"context": "target"'))
}

describe.skipIf(!able)('on the cluster of a named context', { timeout: 120_000 }, () => {
  const stage = createStage()
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-home-'))
  let user: UserHome
  let target: ApiProxy
  let decoy: ApiProxy
  let before: Record<string, string>
  /** Pods of `naive` end quickly. */
  const getOptions = (context: string, configuration = 'naive'): string[] => {
    const [, , ...rest] = stage.options
    return ['run', '--cluster', 'kubeconfig', '--context', context, ...rest, '--config', configuration]
  }
  const getEnvironment = (): NodeJS.ProcessEnv => ({ ...stage.env, ...user.env })

  beforeAll(async () => {
    decoy = stack.use(await startApiProxy())
    target = await startTarget(join(folder, 'target'), stack)
    user = createUserHome(join(folder, 'home'))
    user.addContext('decoy', decoy)
    user.addContext('target', target)
    user.addContext('eu-prod', decoy)
    user.addContext('public', { url: 'https://8.8.8.8:6443', cert: decoy.cert })
    const gone = await startApiProxy()
    user.addContext('gone', gone)
    await gone[Symbol.asyncDispose]()
    user.addContext('expired', stack.use(await startApiProxy({ notAfter: new Date('2020-01-01') })))
    const denying = stack.use(await startApiProxy())
    denying.answer = ({ path, body }) => {
      if (path === '/version') return { status: 200, body: { gitVersion: 'v1.34.0' } }
      if (path === identityPath) return { status: 200, body: { metadata: { uid: 'u' } } }
      return { status: 201, body: { status: { allowed: !/"verb":"(watch|delete)"/.test(body) } } }
    }
    user.addContext('denying', denying)
    before = user.readFiles()
  }, 60_000)
  beforeEach(() => {
    target.answer = () => undefined
    target.requests.length = 0
  })
  afterAll(async () => {
    await stack.disposeAsync()
    stage[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** For any options: the other clusters and the user's home are unchanged. */
  function expectUntouched(): void {
    expect(decoy.requests).toEqual([])
    expect(user.readFiles()).toEqual(before)
  }
  async function listNamespaces(): Promise<string[]> {
    const { stdout } = await runNodrop(['sweep', '--context', 'target'], { env: getEnvironment() })
    return stdout
      .trim()
      .split('\n')
      .filter((name) => name !== '')
  }

  test('a run writes there alone, in its own namespace, with its permissions', async () => {
    const ended = await runNodrop(getOptions('target', 'graceful'), { env: getEnvironment() })
    // On a busy machine the driver may be late: then there is no verdict, but the requests to the cluster are the same.
    expect([0, 4]).toContain(ended.code)
    expect(ended.stderr).toContain('context target: Kubernetes v1.34')
    expectUntouched()

    const writes = target.requests.filter((asked) => !isRead(asked) && !isReview(asked))
    const created = writes.filter(({ path }) => path === '/api/v1/namespaces')
    const made = created.map(({ body }) => (JSON.parse(body) as { metadata: Made }).metadata)
    // One in which the API server checked the objects to be deployed, and one for the run.
    expect(made.map(({ name }) => name.endsWith('-rehearsal'))).toEqual([true, false])
    const isInMadeNamespace = (path: string): boolean =>
      made.some(({ name }) => `${path}/`.includes(`/namespaces/${name}/`))
    expect(writes.filter(({ path }) => !isInMadeNamespace(path))).toEqual(created)
    for (const { name, labels } of made) {
      expect(Object.keys(labels).sort()).toEqual([
        'app.kubernetes.io/managed-by',
        'nodrop.dev/expires-at',
        'nodrop.dev/run-id',
        'nodrop.dev/session',
      ])
      const deletion = writes.find(({ method, path }) => method === 'DELETE' && path === `/api/v1/namespaces/${name}`)
      expect(JSON.parse(deletion?.body ?? '{}')).toMatchObject({
        preconditions: { uid: expect.any(String) as string },
      })
    }

    // As often as something was written, and once more for each read of the cluster's identity.
    const checks = target.requests.filter(({ path }) => path === identityPath)
    expect(checks.length).toBeGreaterThanOrEqual(writes.length)
    const granted = new Set(
      [...permissions, ...optionalNodePermissions].flatMap(({ group, resource, verbs }) =>
        verbs.map((verb) => `${verb} ${resource}.${group}`),
      ),
    )
    const needed = new Set(target.requests.map(getVerb).filter((verb) => verb !== undefined))
    expect([...needed.difference(granted)]).toEqual([])
    expect(needed.size).toBeGreaterThan(15)

    expect(listSessions()).toEqual([])
    const written = readdirSync(stage.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    const telling = written.filter((entry) =>
      readFileSync(join(entry.parentPath, entry.name)).includes('a-secret-of-the-user'),
    )
    expect(telling.map(({ name }) => name)).toEqual([])
    expect(await listNamespaces()).toEqual([])
  })

  test('another cluster in its place is not written to, nothing is concluded', async () => {
    let moved = false
    target.answer = ({ path }) => {
      moved ||= path.includes('/proxy/records')
      if (moved && path === identityPath) return { status: 200, body: { metadata: { uid: 'another' } } }
      return moved && /\/namespaces\/nodrop-[^/]+$/.test(path) ? { status: 404, body: {} } : undefined
    }
    const { code, stdout, stderr } = await runNodrop(getOptions('target'), { env: getEnvironment() })
    expect(code).toBe(4)
    expect(stderr).toContain('the context target now leads to another cluster')
    expect(stdout).toContain('the context target now leads to another cluster')
    expect(stderr).not.toMatch(/^ {4}at /m)
    const since = target.requests.slice(target.requests.findIndex(({ path }) => path.includes('/proxy/records')))
    expect(since.filter((asked) => !isRead(asked))).toEqual([])
    expectUntouched()

    // The first cluster is back: the namespace that the run could not delete there is recorded, and is deleted now.
    expect(stderr).toMatch(/still there: nodrop-\S+ .*; nodrop sweep --context target looks again/)
    expect(listSessions()).toHaveLength(1)
    target.answer = () => undefined
    expect(await listNamespaces()).toHaveLength(1)
    expect(listSessions()).toEqual([])
  })

  test('what a killed run left goes with the next sweep, credentials at once', async () => {
    const program = new NodropProcess(getOptions('target'), { env: getEnvironment() })
    await program.waitForOutput(/load, undisturbed/)
    program.signal('SIGKILL')
    await program.ended
    expect(listSessions()).toHaveLength(1)
    expect(await listNamespaces()).toHaveLength(1)
    expect(listSessions()).toEqual([])
    expect(await listNamespaces()).toEqual([])
    expectUntouched()
  })

  test('a comparison that was killed is resumed without a sweep: what it left there goes first', async () => {
    const out = join(folder, 'killed')
    const program = new NodropProcess([...getOptions('target'), '--out', out], { env: getEnvironment() })
    await program.waitForOutput(/load, undisturbed/)
    program.signal('SIGKILL')
    await program.ended
    const [id = ''] = readdirSync(out)
    const options = [
      'run',
      '--cluster',
      'kubeconfig',
      '--context',
      'target',
      '--scenarios',
      join(stage.folder, 'scenarios'),
    ]
    const { code, stderr, stdout } = await runNodrop([...options, '--resume', join(out, id)], { env: getEnvironment() })
    expect(stderr).toMatch(
      /^undoing what this comparison left when it was killed: nodrop-\S+-rehearsal, nodrop-\S+-r1$/m,
    )
    expect(stdout + stderr).not.toMatch(/already exists|Cannot create the namespace/)
    // Lost requests, as with `naive`, or no verdict on a busy machine.
    expect([0, 4]).toContain(code)
    expect(listSessions()).toEqual([])
    expect(await listNamespaces()).toEqual([])
    expectUntouched()
  })

  test('Ctrl-C ends the run in good order and leaves nothing there', async () => {
    const program = new NodropProcess(getOptions('target'), { env: getEnvironment() })
    await program.waitForOutput(/load, undisturbed/)
    program.signal('SIGINT')
    expect((await program.ended).code).toBe(130)
    expect(listSessions()).toEqual([])
    await waitUntil(() => target.requests.some(({ method }) => method === 'DELETE'))
    expect(await listNamespaces()).toEqual([])
    expectUntouched()
  })

  test('images come from the registry that was named; a missing one ends it', async () => {
    const began = performance.now()
    const { code, stdout } = await runNodrop([...getOptions('target'), '--image-registry', 'registry.example/team'], {
      env: getEnvironment(),
    })
    expect(code).toBe(4)
    expect(stdout).toMatch(/Cannot start \S+: .*"registry\.example\/team\/nodrop\/(app|nginx|driver):dev"/)
    // It did not wait until the pods should have been ready.
    expect(performance.now() - began).toBeLessThan(60_000)
    const bodies = target.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
    const images = bodies.flatMap((body) => [...body.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image))
    const wanted = ['app', 'driver', 'nginx'].map((name) => `registry.example/team/nodrop/${name}:dev`)
    expect(new Set(images)).toEqual(new Set(wanted))
    expect(await listNamespaces()).toEqual([])
    expectUntouched()
  })

  test('doctor says that it can be used', async () => {
    const { code, stdout } = await runNodrop(['doctor', '--context', 'target', '--json'], { env: getEnvironment() })
    const [group] = JSON.parse(stdout) as [{ usable: boolean; checks: { name: string }[] }]
    expect([code, group.usable]).toEqual([0, true])
    expect(group.checks.map(({ name }) => name)).toEqual([
      'kubeconfig',
      'allowed',
      'credentials',
      'reachable',
      'permissions',
      'identity',
    ])
    expect(target.requests.filter((asked) => !isRead(asked) && !isReview(asked))).toEqual([])
    expectUntouched()
  })

  describe.concurrent('what cannot be used is refused in one message first:', () => {
    const getRunOptions = (context: string, ...more: string[]): string[] => [...getOptions(context), ...more]
    test.each<[what: string, args: () => string[], code: number, saying: RegExp]>([
      ['no context', () => getOptions('x').toSpliced(3, 2), 2, /name it with --context\nThere are: decoy, target/],
      ['a mistyped one', () => getRunOptions('targte'), 2, /Cannot find the context "targte".*\nDid you mean target\?/],
      [
        'one that looks like production',
        () => getRunOptions('eu-prod'),
        2,
        /it looks like production by its name\n.*--allow-context eu-prod/,
      ],
      [
        'a public address',
        () => getRunOptions('public'),
        2,
        /8\.8\.8\.8, which is not a loopback or private address\n.*--allow-context public/,
      ],
      [
        'another one allowed',
        () => getRunOptions('eu-prod', '--allow-context', 'target'),
        2,
        /--allow-context is for the context target/,
      ],
      ['a server that is gone', () => getRunOptions('gone'), 3, /cannot be reached: nothing listens there/],
      ['an expired certificate', () => getRunOptions('expired'), 3, /its certificate has expired/],
      [
        'missing permissions',
        () => getRunOptions('denying'),
        3,
        /lacks permissions: delete namespaces; watch events; watch pods; .*\n.*manifests\/rbac\/nodrop\.yaml/,
      ],
      [
        'a context without its cluster',
        () => ['run', '--context', 'target'],
        2,
        /Cannot use --context with --cluster auto/,
      ],
      [
        'a registry with a scheme',
        () => getRunOptions('target', '--image-registry', 'https://registry.example'),
        2,
        /Must be like registry\.example\/team/,
      ],
      [
        'a kubeconfig that is none',
        () => getRunOptions('target', '--kubeconfig', join(home, 'package-lock.json')),
        2,
        /is not a kubeconfig|Cannot find the context/,
      ],
      [
        'a kubeconfig that is not there',
        () => getRunOptions('target', '--kubeconfig', '/nonexistent'),
        2,
        /Cannot read \/nonexistent/,
      ],
      ['a sweep of production', () => ['sweep', '--context', 'eu-prod'], 2, /looks like production/],
    ])('%s', { timeout: 60_000 }, async (_, args, code, saying) => {
      const ended: NodropResult = await runNodrop(args(), { env: getEnvironment() })
      expect(ended.stderr).toMatch(saying)
      expect([ended.code, ended.stdout]).toEqual([code, ''])
      expect(ended.stderr).not.toMatch(/^ {4}at |bug of nodrop/m)
      expectUntouched()
    })
  })
})
