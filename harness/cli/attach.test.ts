/** Options that are refused for a workload that runs already, before anything is done to it: on a scripted API server. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { startApiProxy } from '../testing/api-proxy.ts'
import type { ApiProxy } from '../testing/api-proxy.ts'
import { captureOutput } from '../testing/captured-output.ts'
import type { CapturedOutput } from '../testing/captured-output.ts'
import type { Preview } from '../measure/attach/preview.ts'
import { runProgram } from './program.ts'
// The program loads a command on first use, which must not be within the first test.
import './run.ts'

const home = join(import.meta.dirname, '../..')
const labels = { app: 'shop' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'web' }] } }
const metadata = { name: 'shop', generation: 1 }
const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }

type Attributes = Record<'group' | 'resource' | 'subresource' | 'verb' | 'namespace', string | undefined>

interface Cluster {
  deployments: object[]
  services: object[]
  pods: object[]
  statefulsets?: object[]
  daemonsets?: object[]
  isAllowed: (asked: Attributes) => boolean
}

function createDeployment(replicas = 1): object {
  return { metadata, spec: { replicas, selector: { matchLabels: labels }, template }, status }
}

function createService(name: string, selector: object | undefined = labels): object {
  return { metadata: { name }, spec: { clusterIP: '10.96.0.9', selector, ports: [{ port: 8080 }] } }
}

function createPod(ready: 'True' | 'False'): object {
  return {
    metadata: { name: 'shop-a', labels },
    spec: template.spec,
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

const orderly: Cluster = {
  deployments: [createDeployment()],
  services: [createService('shop')],
  pods: [createPod('True')],
  isAllowed: () => true,
}

let folder = ''
let server: ApiProxy
let kubeconfig = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-attach-'))
  server = await startApiProxy()
  kubeconfig = join(folder, 'kubeconfig')
  const staging = JSON.parse(server.kubeconfig('staging')) as Record<'clusters' | 'contexts', object[]>
  staging.clusters.push({ name: 'elsewhere', cluster: { server: 'https://127.0.0.1:1' } })
  staging.contexts.push({ name: 'production', context: { cluster: 'elsewhere', user: 'u' } })
  writeFileSync(kubeconfig, JSON.stringify(staging), { mode: 0o600 })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => void (server.requests.length = 0))

function play(cluster: Cluster): void {
  server.answer = ({ method, path, body }) => {
    if (path === '/version') return { status: 200, body: { gitVersion: 'v1.34.4' } }
    if (path === '/api/v1/namespaces/kube-system') return { status: 200, body: { metadata: { uid: 'u' } } }
    if (path.endsWith('/selfsubjectaccessreviews')) {
      const { spec } = JSON.parse(body) as { spec: { resourceAttributes: Attributes } }
      return { status: 201, body: { status: { allowed: cluster.isAllowed(spec.resourceAttributes) } } }
    }
    const [, resource = '', name] = /\/namespaces\/shop\/([a-z]+)(?:\/([a-z]+))?/.exec(path) ?? []
    if (method !== 'GET' || resource === '') return undefined
    const items = (cluster as unknown as Record<string, { metadata: { name: string } }[]>)[resource] ?? []
    if (name === undefined) return { status: 200, body: { items } }
    const one = items.find((item) => item.metadata.name === name)
    return one && { status: 200, body: one }
  }
}

const restart = ['kubectl', '--context', 'staging', 'rollout', 'restart', 'deployment/shop', '-n', 'shop']
const place = ['-n', 'shop', '--context', 'staging']

function attach(target: string, options: string[], command: string[] = restart): Promise<CapturedOutput> {
  const paths = { apps: join(home, 'apps'), scenarios: join(home, 'scenarios'), manifests: join(home, 'manifests') }
  const args = [
    'run',
    target,
    '--kubeconfig',
    kubeconfig,
    ...options,
    ...(command.length > 0 ? ['--', ...command] : []),
  ]
  return captureOutput(() => runProgram(args, { ...paths, reports: join(folder, 'reports') }))
}

/** Nothing was written to the cluster or to the disk, except that a session existed. */
function expectNothingDone(): void {
  const writes = server.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('reviews'))
  expect(writes).toEqual([])
  expect(existsSync(join(folder, 'reports/runs'))).toBe(false)
}

interface Refusal {
  what: string
  cluster?: Partial<Cluster>
  target?: string
  options?: string[]
  command?: string[]
  code: number
  message: RegExp
}

test.each<Refusal>([
  {
    what: 'a context like production',
    options: ['--context', 'production'],
    command: ['true'],
    code: 2,
    message: /looks like production by its name[^]*--allow-context production/,
  },
  {
    what: 'a second context',
    options: [...place, '--context', 'production'],
    code: 2,
    message: /--context[^]*Must be given once/,
  },
  {
    what: 'a command for another',
    command: ['kubectl', '--context', 'production', 'version'],
    code: 2,
    message: /with the context production: it is of another cluster than the target’s, staging/,
  },
  {
    what: 'a rate without --rate',
    options: [...place, '--scenario', 'rollout'],
    command: [],
    code: 2,
    message: /above 50 they need --rate/,
  },
  {
    what: 'a change that stays',
    options: [...place, '--rate', '20', '--scenario', 'update'],
    command: [],
    code: 2,
    message: /changes nothing that it cannot undo/,
  },
  {
    what: 'a target without ready pods',
    cluster: { pods: [createPod('False')] },
    code: 3,
    message: /deployment\/shop: it is not at rest \(not ready: shop-a\)/,
  },
  {
    what: 'a Deployment at zero',
    cluster: { deployments: [createDeployment(0)], pods: [] },
    code: 3,
    message: /it has no pods \(replicas: 0\)/,
  },
  {
    what: 'no Deployment',
    cluster: { deployments: [] },
    code: 2,
    message: /Cannot find deployment\/shop in the namespace shop/,
  },
  {
    what: 'two Services',
    cluster: { services: [createService('shop'), createService('shop-admin')] },
    code: 2,
    message: /shop, shop-admin all select its pods\n.*service\/NAME/,
  },
  {
    what: 'a Service without selector',
    target: 'service/shop',
    cluster: { services: [{ metadata: { name: 'shop' }, spec: {} }] },
    code: 2,
    message: /service\/shop leads to: it has no selector/,
  },
  { what: 'no target', target: 'pod/shop', code: 2, message: /Cannot measure "pod\/shop"/ },
  {
    what: 'a URL of an unknown host',
    options: [...place, '--url', 'http://nowhere.invalid'],
    code: 3,
    message: /Cannot find the address of nowhere\.invalid/,
  },
  {
    what: 'pods without a controller',
    target: 'service/shop',
    cluster: { deployments: [] },
    options: [...place, '--rate', '20', '--scenario', 'rollout'],
    command: [],
    code: 2,
    message: /Cannot perform rollout on service\/shop: its pods are not those of one/,
  },
])(
  'refused: $what',
  async ({ cluster, target = 'deployment/shop', options = place, command = restart, code, message }) => {
    play({ ...orderly, ...cluster })
    const ended = await attach(target, options, command)
    expect(ended.stderr).toMatch(message)
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).not.toMatch(/^ {4}at /m)
    expectNothingDone()
  },
)

test('context: one that looks like production is refused in words about the target', async () => {
  play(orderly)
  const { stderr } = await attach('deployment/shop', ['-n', 'shop', '--context', 'production'], ['true'])
  expect(stderr).toContain('Load is sent to what runs in the namespace shop, while its pods are replaced or removed.')
})

test('dry run: an object for programs, and nothing is left', async () => {
  play(orderly)
  const { code, stdout } = await attach('deployment/shop', [...place, '--dry-run', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    target: { name: 'deployment/shop', namespace: 'shop', replicas: 1 },
    load: { requests: ['GET /'], ratePerSecond: 50, requestsAtLeast: 300 },
    disruptions: [expect.stringContaining('kubectl --context staging rollout restart')],
    creates: ['Job driver', 'ConfigMap driver', 'Pod control', 'Service control'],
    attribution: "the kernel's connection tracking where that can be read, else by moments",
  })
  expectNothingDone()
})

test.each([
  ['an object of another namespace', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: other }\n'],
  ['no object', 'kind: ConfigMap\n'],
  ['no YAML', 'a: [\n'],
])('a scenario that applies a file with %s: refused before anything is asked, also in a dry run', async (_, text) => {
  play(orderly)
  const scenarios = mkdtempSync(join(folder, 'scenarios-'))
  writeFileSync(join(scenarios, 'v2.yaml'), text)
  const steps = "[steady(1), apply('v2.yaml'), untilSettled(), steady(1)]"
  writeFileSync(
    join(scenarios, 'mine.ts'),
    `import { apply, defineScenario, steady, untilSettled } from 'nodrop'
export default defineScenario({ summary: 'mine', replicas: 1, load: {}, steps: ${steps} })\n`,
  )
  for (const more of [[], ['--dry-run']]) {
    const options = [...place, '--scenarios', scenarios, '--scenario', 'mine', ...more]
    const { code, stderr } = await attach('deployment/shop', options, [])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/v2\.yaml:\d+:\d+: /)])
    expectNothingDone()
  }
})

test.each<[option: string, creates: string[], attribution: string]>([
  ['--no-connection-tracking', [], 'moments alone'],
  [
    '--connection-tracking',
    ["Pod connection-tracking on each driver's node"],
    "the kernel's connection tracking where that can be read, else by moments",
  ],
])('dry run: %s', async (option, creates, attribution) => {
  play(orderly)
  const { stdout } = await attach('deployment/shop', [...place, '--dry-run', '--json', option])
  const preview = JSON.parse(stdout) as Preview
  expect([preview.creates.slice(4), preview.attribution]).toEqual([creates, attribution])
})

test('dry run: from outside nothing is made, and the address is told', async () => {
  play(orderly)
  const { code, stdout } = await attach('deployment/shop', [
    ...place,
    '--dry-run',
    '--url',
    'http://127.0.0.1:8080/cart?token=s3cret',
  ])
  expect(code).toBe(0)
  expect(stdout).toMatch(/GET \/cart from this machine to http:\/\/127\.0\.0\.1:8080, at 127\.0\.0\.1: 50 requests/)
  expect(stdout).toContain('Made in the cluster: nothing.')
  expect(stdout).not.toContain('s3cret')
  expectNothingDone()
})

interface Rule {
  role: string
  group: string
  resource: string
  verb: string
}

function listRules(file: string): Rule[] {
  const text = readFileSync(join(home, 'manifests/rbac', file), 'utf8')
  interface Role {
    metadata: { name: string }
    rules: { apiGroups: [string]; resources: string[]; verbs: string[] }[]
  }
  return parseAllDocuments(text).flatMap((document) => {
    const {
      metadata: { name: role },
      rules,
    } = document.toJS() as Role
    return rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ role, group, resource, verb }))),
    )
  })
}

/** As rules are bound: the first role and the one for nodes in the whole cluster, the others in the target's namespace. */
function concernsRule({ role, group, resource, verb }: Rule, asked: Attributes): boolean {
  const named = asked.subresource === undefined ? asked.resource : `${asked.resource}/${asked.subresource}`
  const isHere = ['nodrop-attach', 'nodrop-drain'].includes(role) || asked.namespace === 'shop'
  return isHere && group === asked.group && resource === named && verb === asked.verb
}

/** For `--scenario`, by the resource that it needs. */
const scenarioByResource: Record<string, string> = {
  nodes: 'drain',
  pods: 'delete',
  'pods/eviction': 'eviction',
  deployments: 'rollout',
  statefulsets: 'rollout',
  daemonsets: 'rollout',
  'deployments/scale': 'scale-down',
  'statefulsets/scale': 'scale-down',
}

/** A command line that needs the rule. From outside, only the namespaces of the first role can replace the second. */
function findNeed({ role, resource }: Rule): { target: string; options: string[]; command: string[] } {
  if (role === 'nodrop-attach') return { target: 'service/shop', options: [], command: restart }
  if (role === 'nodrop-target')
    return { target: 'service/shop', options: ['--url', 'http://127.0.0.1'], command: restart }
  const kind = /^(daemonset|statefulset)s/.exec(resource)?.[1] ?? 'deployment'
  const options = ['--rate', '20', '--scenario', scenarioByResource[resource] ?? '']
  return { target: `${kind}/shop`, options, command: [] }
}

const rules = ['attach.yaml', 'drain.yaml'].flatMap(listRules)

test.each(rules.filter(({ resource }) => resource !== 'pods/log'))(
  'role $role: without "$verb $resource" it is named, before anything starts',
  async (missing) => {
    const isOutside = missing.role === 'nodrop-target'
    const bound = rules.filter(
      ({ role, resource }) => !isOutside || role !== 'nodrop-attach' || resource === 'namespaces',
    )
    play({ ...orderly, isAllowed: (asked) => bound.some((rule) => rule !== missing && concernsRule(rule, asked)) })
    const { target, options, command } = findNeed(missing)
    const ended = await attach(target, [...place, ...options], command)
    const { group, resource, verb } = missing
    expect(ended.stderr).toContain(`${verb} ${resource}${group === '' ? '' : `.${group}`}`)
    expect(ended.code).toBe(3)
    expectNothingDone()
  },
)

test('roles: they are enough, and without pods/log no logs are read', async () => {
  for (const withLogs of [true, false]) {
    const granted = rules.filter(({ resource }) => withLogs || resource !== 'pods/log')
    play({ ...orderly, isAllowed: (asked) => granted.some((rule) => concernsRule(rule, asked)) })
    const { code, stdout } = await attach('service/shop', [...place, '--dry-run'])
    expect([code, /Read in shop: .*logs/.test(stdout)]).toEqual([0, withLogs])
  }
})
