import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { findConfigFile, readConfigFile } from './read-config.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'nodrop-config-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** The message of the Fault that it throws, with the folder as `.`. */
function readFault(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof Fault && error.kind === 'usage') return error.message.replaceAll(folder, '.')
    throw error
  }
  throw new Error('it throws nothing')
}

const asModule = `import { defineConfig } from 'nodrop'
const rate: number = 20
export default defineConfig({
  target: { kind: 'deployment', name: 'shop', namespace: 'shop', context: 'staging', path: '/cart' },
  scenarios: ['rollout'],
  rate,
  gates: { lost: 0, p99Ms: '<250ms' },
})
`
const asData = `target:
  kind: deployment
  name: shop
  namespace: shop
  context: staging
  path: /cart
scenarios: [rollout]
rate: 20
gates:
  lost: 0
  p99Ms: <250ms
`
const wanted = {
  target: { kind: 'deployment', name: 'shop', namespace: 'shop', context: 'staging', path: '/cart' },
  scenarios: ['rollout'],
  rate: 20,
  gates: { lost: 0, p99Ms: '<250ms' },
}

describe('a folder of settings', () => {
  test('a module and data say the same', () => {
    expect(readConfigFile(write('nodrop.config.ts', asModule)).config).toEqual(wanted)
    expect(readConfigFile(write('nodrop.config.yaml', asData)).config).toEqual(wanted)
  })

  test('requests name what they take from the environment, in both forms', () => {
    const module = `import { defineConfig, env } from 'nodrop'
export default defineConfig({
  requests: [{ path: '/cart', headers: { authorization: env('SHOP_TOKEN', 'Bearer ') }, expect: { status: 200 } }],
})
`
    const data = `requests:
  - path: /cart
    headers: { authorization: { env: SHOP_TOKEN, prefix: 'Bearer ' } }
    expect: { status: 200 }
`
    const headers = { authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' } }
    const config = { requests: [{ path: '/cart', headers, expect: { status: 200 } }] }
    expect(readConfigFile(write('nodrop.config.ts', module)).config).toEqual(config)
    expect(readConfigFile(write('nodrop.config.yaml', data)).config).toEqual(config)
  })

  test('a module is one whatever the type of its package', () => {
    write('package.json', '{ "type": "commonjs" }')
    expect(readConfigFile(write('nodrop.config.ts', asModule)).config).toEqual(wanted)
    const js = `export default { rate: 20 }`
    expect(readConfigFile(write('nodrop.config.js', js)).config).toEqual({ rate: 20 })
  })

  test('what it imports is found from its own folder', () => {
    write('rates.ts', 'export const rate: number = 30\n')
    const path = write('nodrop.config.ts', `import { rate } from './rates.ts'\nexport default { rate }\n`)
    expect(readConfigFile(path).config).toEqual({ rate: 30 })
  })

  test('folders count from the folder of the file', () => {
    const path = write('nodrop.config.yaml', 'manifests: ./mine\nscenarioFolder: played\n')
    expect(readConfigFile(path).config).toEqual({
      manifests: join(folder, 'mine'),
      scenarioFolder: join(folder, 'played'),
    })
  })

  test('the file of a parent folder is not found', () => {
    write('nodrop.config.ts', asModule)
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    expect([findConfigFile(inner), findConfigFile(folder)]).toEqual([null, join(folder, 'nodrop.config.ts')])
  })

  test('two files leave no choice', () => {
    write('nodrop.config.ts', asModule)
    write('nodrop.config.yaml', asData)
    expect(readFault(() => findConfigFile(folder))).toBe(
      'Cannot choose between nodrop.config.ts and nodrop.config.yaml',
    )
  })
})

describe('a module that is not in order is told by file and place, in one line', () => {
  test.each<[what: string, text: string, message: string]>([
    [
      'throws',
      `const a: number = 1\nfunction fail(): never { throw new Error('no such\\nthing') }\nexport default { a: fail() }\n`,
      './nodrop.config.ts:2:32: it throws Error: no such thing',
    ],
    ['throws no error', `throw 'all of it'\n`, './nodrop.config.ts: it throws all of it'],
    ['is no TypeScript', `export default {\n  a: 1,\n  b: [1, 2\n}\n`, `./nodrop.config.ts:4: Expected ',', got '}'`],
    [
      'has types that stay',
      `enum A { x }\nexport default {}\n`,
      './nodrop.config.ts:1: TypeScript enum is not supported in strip-only mode',
    ],
    ['has no default export', `export const rate = 3\n`, './nodrop.config.ts: it has no default export'],
    ['awaits', `export default await Promise.resolve({})\n`, './nodrop.config.ts: it must not await at its top level'],
    [
      'imports what is not there',
      `import './other.ts'\nexport default {}\n`,
      `./nodrop.config.ts: Cannot find module './other.ts' imported from ./nodrop.config.ts`,
    ],
    [
      'exports what cannot be read',
      `export default { get rate() { throw new Error('not now') } }\n`,
      './nodrop.config.ts: its default export cannot be read: not now',
    ],
    [
      'exports a function',
      `export default () => ({})\n`,
      './nodrop.config.ts: Invalid input: expected object, received function',
    ],
    [
      'has an unknown key',
      `// target: { pathh: 1 }\nexport default {\n  target: {\n    kind: 'service', name: 'shop',\n    pathh: '/',\n  },\n}\n`,
      './nodrop.config.ts:5:5: target: unknown key "pathh": did you mean path? there are kind, name, namespace, context, path, url and podHeader',
    ],
    [
      'has a value of another kind',
      `export default {\n  rate: '20',\n}\n`,
      './nodrop.config.ts:2:3: rate: Invalid input: expected number, received string',
    ],
  ])('that %s', (_, text, message) => {
    expect(readFault(() => readConfigFile(write('nodrop.config.ts', text)))).toBe(message)
  })
})

describe('data that are not in order are told by line and column', () => {
  test.each<[what: string, text: string, message: string]>([
    ['no YAML', 'rate: [1\n', './nodrop.config.yaml:2:1: not valid YAML: '],
    [
      'an unknown gate',
      'gates:\n  p95Ms: 3\n',
      './nodrop.config.yaml:2:3: gates: unknown key "p95Ms": did you mean p99Ms? there are lost, lostPerRollout, lossRate, p50Ms, p99Ms, worstSecondLost, secondsWithLosses, marginMs, drainSeconds, duplicates and unattributed',
    ],
    [
      'an unknown key like no other',
      'colour: red\n',
      './nodrop.config.yaml:1:1: unknown key "colour": there are target, cluster, ',
    ],
    [
      'an unknown gate of a phase',
      "gates:\n  lost: 0\n  'p9Ms{phase:during}': 3\n",
      './nodrop.config.yaml:3:3: gates: unknown key "p9Ms{phase:during}": did you mean p99Ms? there are lost, ',
    ],
    [
      'a gate of an unknown phase',
      "gates:\n  'p99Ms{phase:drain}': 3\n",
      './nodrop.config.yaml:2:3: gates.p99Ms{phase:drain}: no phase "drain": there are before, during and after',
    ],
    [
      'a gate without a number',
      'gates: { p99Ms: fast }\n',
      `./nodrop.config.yaml:1:10: gates.p99Ms: must be a number from 0, or like '<250ms'`,
    ],
    [
      'a gate of more than all',
      'gates: { lossRate: 5 }\n',
      `./nodrop.config.yaml:1:10: gates.lossRate: must be a number from 0 to 1, or like '<0.1%'`,
    ],
    [
      'an unknown kind',
      'target: { kind: pod, name: x }\n',
      './nodrop.config.yaml:1:11: target.kind: Invalid option: expected one of "deployment"|"statefulset"|"daemonset"|"service"',
    ],
    [
      'configurations of a target',
      'target: { kind: service, name: x }\nconfigurations: [naive]\n',
      './nodrop.config.yaml:2:1: configurations: has no meaning with a target, which is measured as it runs',
    ],
    [
      'an unknown key of a request',
      'requests:\n  - pathh: /cart\n',
      './nodrop.config.yaml:2:5: requests.0: unknown key "pathh": did you mean path? ',
    ],
    ['several documents', 'rate: 1\n---\nrate: 2\n', './nodrop.config.yaml:3:1: it has more than one document'],
  ])('%s', (_, text, message) => {
    expect(readFault(() => readConfigFile(write('nodrop.config.yaml', text)))).toContain(message)
  })

  test('a file of another kind, and none', () => {
    expect(readFault(() => readConfigFile(write('settings.toml', '')))).toMatch(
      /^Cannot read .*: its name must end in \.ts, /,
    )
    expect(readFault(() => readConfigFile(join(folder, 'none.yaml')))).toMatch(/^Cannot read .*no such file/)
  })
})
