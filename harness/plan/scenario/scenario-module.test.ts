import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readScenarios } from '../catalogue.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-module-'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
})
afterEach(() => rmSync(directory, { recursive: true }))

function writeModule(name: string, ...lines: string[]): void {
  writeFileSync(join(directory, name), lines.join('\n'))
}

const names = 'command, defineScenario, repeat, rolloutRestart, scale, steady, step, together, untilSettled'
const define = (steps: string): string[] => [
  `import { ${names} } from 'nodrop'`,
  `export default defineScenario({ summary: 'mine', replicas: 3, load: { workMs: 20 }, steps: [${steps}] })`,
]

test('module: what it exports by default is a scenario with the name of the file, as data', () => {
  writeModule(
    'twice.ts',
    ...define(`steady(0.5), repeat(2, [rolloutRestart(), untilSettled()]), command('helm', 'upgrade', 'shop', '.'),
      step('warm up', async ({ pods }: { pods: readonly string[] }) => pods.join()), untilSettled(), steady(1)`),
  )
  const [scenario] = readScenarios(directory)
  expect(JSON.parse(JSON.stringify(scenario))).toEqual({
    name: 'twice',
    summary: 'mine',
    replicas: 3,
    load: {
      ratePerSecond: 200,
      shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 },
      workMs: 20,
      thinkMs: 500,
      timeoutMs: 5000,
    },
    steps: [
      { kind: 'steady', forMs: 500 },
      { kind: 'repeat', times: 2, steps: [{ kind: 'rollout-restart' }, { kind: 'until-settled' }] },
      { kind: 'command', argv: ['helm', 'upgrade', 'shop', '.'] },
      { kind: 'step', name: 'warm up', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { kind: 'until-settled' },
      { kind: 'steady', forMs: 1000 },
    ],
    limitMs: 90_000,
  })
  expect(scenario?.steps[3]).toMatchObject({ run: expect.any(Function) })
})

test('module: a folder is named from the current one as well, whatever the type of its package', () => {
  writeModule('mine.ts', ...define('steady(1), scale(1), untilSettled(), steady(1)'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }')
  expect(readScenarios(relative(process.cwd(), directory)).map(({ name }) => name)).toEqual(['mine'])
})

describe('refused, in one sentence with its place', () => {
  test.each<[what: string, name: string, lines: string[], why: RegExp]>([
    ['no default export', 'none', ['export const x = 1'], /none\.ts: it has no default export$/],
    ['a function', 'made', ['export default () => 1'], /made\.ts is not a scenario: its default export is no object$/],
    [
      'what cannot be read',
      'getter',
      ["export default { get summary() { throw new Error('not now') } }"],
      /getter\.ts: its default export cannot be read: not now$/,
    ],
    ['what cannot be parsed', 'broken', ['const a = 1', 'const b ='], /broken\.ts:2: Expression expected$/],
    [
      'what throws',
      'thrown',
      ['const a = 1', '', "throw new Error('not today')"],
      /thrown\.ts:3:7: it throws Error: not today$/,
    ],
    [
      'what waits',
      'waits',
      ['await Promise.resolve()', 'export default {}'],
      /waits\.ts: it must not await at its top level$/,
    ],
    ['a package that is not there', 'lost', ["import 'no-such-package'"], /lost\.ts: Cannot find package/],
    [
      'a name that nodrop does not export',
      'other',
      ["import { reboot } from 'nodrop'", 'export default reboot'],
      /other\.ts(:\d+)*: .*reboot/,
    ],
    [
      'a step that is not valid',
      'wrong',
      define('steady(1), scale(-1), untilSettled(), steady(1)'),
      /wrong\.ts is not a scenario:\n.*wrong\.ts:2:85: steps\.1\.to: /,
    ],
    [
      'steps that prove nothing',
      'idle',
      define('steady(1), untilSettled(), steady(1)'),
      /idle\.ts:2:85: steps: must have a step that disrupts the pods/,
    ],
    [
      'what others do',
      'others',
      define(`steady(1), together([{ kind: 'observed', what: 'rollout' }, scale(1)]), untilSettled(), steady(1)`),
      /others\.ts:2:85: steps\.1\.steps\.0: what others do is observed by nodrop watch/,
    ],
    [
      'a name that no label has',
      'Not A Label',
      define('steady(1), scale(1), untilSettled(), steady(1)'),
      /: name: must be a short DNS label/,
    ],
  ])('%s', (_, name, lines, why) => {
    writeModule(`${name}.ts`, ...lines)
    expect(() => readScenarios(directory)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(why) }),
    )
  })

  test('two files that are the same scenario', () => {
    writeModule('same.ts', ...define('steady(1), scale(1), untilSettled(), steady(1)'))
    const load =
      '{ ratePerSecond: 1, shares: { fresh: 1, reused: 0, reused-post: 0 }, workMs: 1, thinkMs: 1, timeoutMs: 1 }'
    const phases = '{ beforeMs: 1, afterMs: 1, limitMs: 1 }'
    writeModule(
      'same.yaml',
      'name: same',
      'summary: x',
      'replicas: 1',
      `load: ${load}`,
      'disruption: { kind: evict }',
      `phases: ${phases}`,
    )
    expect(() => readScenarios(directory)).toThrow(/same\.ts and .*same\.yaml are both the scenario same/)
  })
})
