import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { selectByName, readConfigurations, readScenarios } from './catalogue.ts'
import { readYamlFile } from './yaml-file.ts'

const home = join(import.meta.dirname, '../..')
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-catalogue-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function writeFile(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

describe('the shipped catalogue', () => {
  test('has the six configurations in the order of the table', () => {
    const names = readConfigurations(join(home, 'manifests')).map(({ configuration }) => configuration.name)
    expect(names).toEqual(['naive', 'exec', 'nginx-quit', 'sleep', 'app-first', 'graceful'])
  })

  test('expects every configuration but graceful to lose requests', () => {
    const expected = readConfigurations(join(home, 'manifests')).map(({ configuration }) => configuration.expects)
    expect(expected).toEqual(['loses', 'loses', 'loses', 'loses', 'loses', 'loses-none'])
  })

  test('has for each scenario a configuration that must lose in it (law 11)', () => {
    const configurations = readConfigurations(join(home, 'manifests'))
    for (const scenario of readScenarios(join(home, 'scenarios'))) {
      const losing = configurations.filter(({ configuration }) => configuration.expects === 'loses')
      expect({ scenario: scenario.name, losing: losing.length }).not.toMatchObject({ losing: 0 })
    }
  })
})

describe('a configuration', () => {
  const readOne = (text: string): unknown => {
    writeFile('mine.yaml', text)
    return readConfigurations(directory)[0]?.configuration
  }

  test('says by its first comment what it is, or nothing: gates decide', () => {
    expect(readOne('# drains for ten seconds\nspec: {}\n')).toEqual({
      name: 'mine',
      hypothesis: 'drains for ten seconds',
    })
    expect(readOne('# yaml-language-server: $schema=x\n#\n# ours\nspec: {}\n')).toEqual({
      name: 'mine',
      hypothesis: 'ours',
    })
    expect(readOne('spec: {}\n')).toEqual({ name: 'mine', hypothesis: '' })
  })

  test('is a demonstration where that says what it loses', () => {
    expect(readOne('# loses: it has no hook\nspec: {}\n')).toEqual({
      name: 'mine',
      expects: 'loses',
      hypothesis: 'it has no hook',
    })
  })
})

describe('a file that is not valid', () => {
  test('is named with line and column when it is not YAML', () => {
    const path = writeFile('bad.yaml', '# loses: x\nspec:\n\ta: 1\n')
    expect(() => readConfigurations(directory)).toThrow(`${path}:3:1: not valid YAML: Tabs`)
  })

  test('is refused when a key stands twice', () => {
    expect(() => readYamlFile(writeFile('twice.yaml', 'a: 1\na: 2\n'))).toThrow(
      /twice\.yaml:2:1: not valid YAML: .*unique/,
    )
  })

  test('is refused when an unknown tag would change a value', () => {
    expect(() => readYamlFile(writeFile('tag.yaml', 'a: !!python/object x\n'))).toThrow('tag.yaml:1:4')
  })

  test('is refused when its name could not be one in the cluster', () => {
    writeFile('Mine.yaml', '# my patch\nspec: {}\n')
    expect(() => readConfigurations(directory)).toThrow('its name must be a short DNS label')
  })

  test('names the key that a scenario does not have', () => {
    writeFile('s.yaml', 'name: s\nsummary: x\nratePerSecond: 0\n')
    expect(() => readScenarios(directory)).toThrow(/is not a scenario:[^]*ratePerSecond/)
  })

  test('is refused when its shares do not sum to 1', () => {
    const shares = 'shares: { fresh: 0.5, reused: 0.5, reused-post: 0.5 }'
    const load = `load: { ratePerSecond: 1, ${shares}, workMs: 1, thinkMs: 1, timeoutMs: 1 }`
    writeFile(
      's.yaml',
      `name: s\nsummary: x\ndisruption: { kind: evict }\nreplicas: 1\n${load}\nphases: { beforeMs: 1, afterMs: 1, limitMs: 1 }\n`,
    )
    expect(() => readScenarios(directory)).toThrow('must sum to 1')
  })

  test('is refused for reserved headers of a lane, and for unknown keys', () => {
    writeFile('s.yaml', createScenario('requests: { reused: { headers: { Connection: close } } }'))
    expect(() => readScenarios(directory)).toThrow('must be headers that a client may choose')
    writeFile('s.yaml', createScenario('reuse: { idle: 5 }'))
    expect(() => readScenarios(directory)).toThrow(/load\.reuse/)
    writeFile('s.yaml', createScenario('tls: {}'))
    expect(() => readScenarios(directory)).toThrow(/load\.tls/)
  })
})

test('scenario: what clients send, how long they wait, how they reuse', () => {
  const requests = 'requests: { fresh: { method: HEAD }, reused: { headers: { accept: text/html } } }'
  const more = `${requests}, bodyTimeoutMs: 9, connectTimeoutMs: 8, responseBytes: 65536, controlPerSecond: 3`
  writeFile('s.yaml', createScenario(`${more}, reuse: { idleMs: 60000, uses: 100, obeysKeepAliveTimeout: true }`))
  expect(readScenarios(directory)[0]?.load).toMatchObject({
    requests: { fresh: { method: 'HEAD' }, reused: { headers: { accept: 'text/html' } } },
    bodyTimeoutMs: 9,
    connectTimeoutMs: 8,
    responseBytes: 65_536,
    controlPerSecond: 3,
    reuse: { idleMs: 60_000, uses: 100, obeysKeepAliveTimeout: true },
  })
})

/** A complete scenario, with these further keys in its load. */
function createScenario(more: string): string {
  const shares = 'shares: { fresh: 0.5, reused: 0.5, reused-post: 0 }'
  return [
    'name: s',
    'summary: x',
    'disruption: { kind: evict }',
    'replicas: 1',
    `load: { ratePerSecond: 1, ${shares}, workMs: 1, thinkMs: 1, timeoutMs: 1, ${more} }`,
    'phases: { beforeMs: 1, afterMs: 1, limitMs: 1 }',
    '',
  ].join('\n')
}

describe('a scenario of steps', () => {
  const load =
    'load: { ratePerSecond: 1, shares: { fresh: 1, reused: 0, reused-post: 0 }, workMs: 1, thinkMs: 1, timeoutMs: 1 }'
  const writeSteps = (...steps: string[]): string =>
    writeFile(
      's.yaml',
      ['name: s', 'summary: x', 'replicas: 3', load, 'steps:', ...steps.map((one) => `  - ${one}`), ''].join('\n'),
    )
  const ends = ['{ kind: until-settled }', '{ kind: steady, forMs: 1000 }']

  test('is read from YAML, and has a limit of its own accord', () => {
    writeSteps(
      '{ kind: steady, forMs: 500 }',
      '{ kind: repeat, times: 2, steps: [{ kind: rollout-restart }] }',
      ...ends,
    )
    expect(readScenarios(directory)[0]).toMatchObject({
      steps: [
        { kind: 'steady', forMs: 500 },
        { kind: 'repeat', times: 2, steps: [{ kind: 'rollout-restart' }] },
        { kind: 'until-settled' },
        { kind: 'steady', forMs: 1000 },
      ],
      limitMs: 90_000,
    })
  })

  test('of one disruption and its phases is read as steps', () => {
    writeFile('s.yaml', createScenario(''))
    expect(readScenarios(directory)[0]).toMatchObject({
      steps: [{ kind: 'steady', forMs: 1 }, { kind: 'evict' }, { kind: 'until-settled' }, { kind: 'steady', forMs: 1 }],
      limitMs: 1,
    })
  })

  test.each<[what: string, steps: string[], why: RegExp]>([
    ['a wrong field', ['{ kind: scale, to: x }', ...ends], /s\.yaml:6:20: steps\.0\.to: /],
    ['an unknown kind', ['{ kind: reboot }', ...ends], /s\.yaml:6:\d+: steps\.0\.kind: /],
    ['no disruption', ends, /s\.yaml:5:1: steps: must have a step that disrupts/],
    ['a command', ['{ kind: command, argv: [rm] }', ...ends], /s\.yaml:6:\d+: steps\.0: a command is given after --/],
    [
      'a command within',
      ['{ kind: repeat, times: 1, steps: [{ kind: command, argv: [rm] }] }', ...ends],
      /steps\.0\.steps\.0: a command is given after --/,
    ],
    [
      'code by its digest alone',
      [`{ kind: step, name: x, sha256: ${'ab'.repeat(32)} }`, ...ends],
      /steps\.0: code can only be in a scenario that is a module/,
    ],
    [
      'a file that is not there',
      ['{ kind: apply, file: v2.yaml }', ...ends],
      /s\.yaml applies v2\.yaml, which cannot be read/,
    ],
    ['a file of another folder', ['{ kind: apply, file: /etc/hostname }', ...ends], /cannot be read|not in the folder/],
  ])('is refused for %s, with its place', (_, steps, why) => {
    writeSteps(...steps)
    expect(() => readScenarios(directory)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(why) }),
    )
  })

  test('applies the objects of a file beside it, known by its digest', () => {
    writeFile('v2.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n')
    writeSteps('{ kind: apply, file: v2.yaml }', ...ends)
    const [scenario, ...others] = readScenarios(directory)
    const step = scenario?.steps[0]
    expect(others).toEqual([])
    expect(step).toMatchObject({ kind: 'apply', file: 'v2.yaml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(step?.kind === 'apply' ? step.read?.() : null).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
    ])
    writeFile('v2.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\nkind: ConfigMap\n')
    expect(() => readScenarios(directory)).toThrow(/v2\.yaml:5:1: not an object of Kubernetes/)
  })

  test.each([
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['v1', 'Namespace'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ])('applies no object that is in no namespace, and stays: %s %s', (apiVersion, kind) => {
    const own = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
    writeFile('v2.yaml', `${own}---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: reads-all }\n`)
    writeSteps('{ kind: apply, file: v2.yaml }', ...ends)
    expect(() => readScenarios(directory)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringMatching(
          new RegExp(
            `v2\\.yaml:5:1: a scenario cannot apply the ${kind} reads-all: it is in no namespace, and would stay`,
          ),
        ),
      }),
    )
  })

  test('applies no object of a namespace that it names: a run has one of its own', () => {
    writeFile('v2.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: other\n')
    writeSteps('{ kind: apply, file: v2.yaml }', ...ends)
    const what = 'a scenario cannot apply the ConfigMap settings of the namespace "other"'
    expect(() => readScenarios(directory)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringMatching(new RegExp(`v2\\.yaml:5:3: ${what}: `)),
        advice: expect.stringContaining('Leave the namespace out'),
      }),
    )
    writeFile('v2.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: }\n')
    expect(readScenarios(directory)).toHaveLength(1)
  })

  test('applies an object of a custom kind with the name of one that is in no namespace', () => {
    writeFile('v2.yaml', 'apiVersion: example.com/v1\nkind: Node\nmetadata: { name: a }\n')
    writeSteps('{ kind: apply, file: v2.yaml }', ...ends)
    expect(readScenarios(directory)).toHaveLength(1)
  })
})

describe('choosing by name', () => {
  const all = ['naive', 'graceful']
  const pickNames = (names?: string[]): string[] => selectByName(all, (one) => one, 'configuration', names)

  test('takes all when none is named', () => expect(pickNames()).toEqual(all))
  test('keeps the order that was asked for', () =>
    expect(pickNames(['graceful', 'naive'])).toEqual(['graceful', 'naive']))
  test('suggests the name that was meant', () => {
    expect(() => pickNames(['gracefull'])).toThrow(
      expect.objectContaining({ kind: 'usage', advice: expect.stringContaining('Did you mean graceful?') }),
    )
  })
  test('lists what there is when nothing is near', () => {
    expect(() => pickNames(['xyzzy-plugh'])).toThrow(expect.objectContaining({ advice: 'There are: naive, graceful.' }))
  })
})
