/** Who may import whom: one table, held against the real imports of every file. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const harness = import.meta.dirname

/**
 * A place is a folder of harness/ or a file right in it. Each may import itself and the places in its row, and of those
 * under `types` nothing that exists at run time. `packages` are npm packages. A `pure` place gets nothing of Node's but
 * `path` and `url`: what it concludes depends on its input alone.
 */
interface Row {
  may: readonly string[]
  types?: readonly string[]
  packages?: readonly string[]
  pure?: true
}
const everyday = ['model', 'clock', 'fault']
const table: Record<string, Row> = {
  // The domain.
  model: { may: [], pure: true },
  clock: { may: [] },
  fault: { may: [], pure: true },
  together: { may: [], pure: true },
  'durable-file': { may: ['fault'] },
  'bounded-file': { may: ['fault', 'json-depth'] },
  'json-depth': { may: [], pure: true },
  'shell-word': { may: [], pure: true },

  // The machine that sends the load.
  awake: { may: [], types: ['model'] },

  // What is asked: files of the user.
  catalogue: { may: ['model', 'fault', 'bounded-file'], packages: ['yaml', 'zod'] },

  // Doing: effects and no opinions. Siblings meet in run.ts; only what disrupts knows by name what was deployed.
  // What starts the embedded cluster knows how it is isolated and what its images need.
  cluster: {
    may: [...everyday, 'bounded-file', 'durable-file', 'json-depth', 'shell-word', 'together', 'local'],
    types: ['catalogue'],
    packages: ['@kubernetes/client-node', 'yaml'],
  },
  local: { may: everyday, packages: ['@kubernetes/client-node', 'selfsigned', 'yaml', 'zod'] },
  deploy: { may: [...everyday, 'cluster'], types: ['load'], packages: ['@kubernetes/client-node'] },
  disrupt: { may: [...everyday, 'cluster', 'deploy'], packages: ['@kubernetes/client-node'] },
  observe: { may: [...everyday, 'cluster'], packages: ['@kubernetes/client-node'] },
  load: { may: everyday, packages: ['autocannon', 'esbuild'] },
  log: { may: [...everyday, 'bounded-file', 'durable-file'], packages: ['zod'] },
  loading: { may: [...everyday, 'load'] },
  run: {
    may: [...everyday, 'cluster', 'deploy', 'disrupt', 'durable-file', 'loading', 'log', 'observe', 'together'],
    packages: ['@kubernetes/client-node'],
  },

  // Does and judges in turn: how fast the next step is depends on the one before. Each is judged from its log.
  capacity: {
    may: [...everyday, 'cluster', 'deploy', 'durable-file', 'loading', 'log', 'analyse'],
    packages: ['@kubernetes/client-node'],
  },

  // Judging: opinions and no effects. judge.ts reads the log, concludes, and writes what was concluded.
  analyse: { may: ['model'], pure: true },
  lint: { may: ['model'], pure: true },
  report: { may: ['model'], packages: ['esbuild', 'uplot'] },
  judge: { may: [...everyday, 'durable-file', 'log', 'analyse', 'lint', 'report'] },

  // Holds what the driver says against a server that knows better.
  verify: { may: [...everyday, 'load', 'log', 'analyse', 'terminal'], packages: ['autocannon'] },

  // What a request costs: the driver against other clients, the log and its judging on their own.
  bench: { may: [...everyday, 'awake', 'load', 'log', 'analyse', 'judge', 'terminal', 'verify'], packages: ['undici'] },

  // What is written from the code for people to read.
  documents: { may: ['model', 'durable-file', 'analyse'] },

  // The command line sees both halves.
  terminal: { may: ['model', 'fault'] },
  commands: {
    may: [
      ...everyday,
      'awake',
      'bounded-file',
      'capacity',
      'catalogue',
      'cluster',
      'deploy',
      'durable-file',
      'load',
      'log',
      'run',
      'shell-word',
      'together',
      'judge',
      'report',
      'terminal',
      'verify',
    ],
    packages: ['@kubernetes/client-node'],
  },
  options: { may: ['model'], packages: ['commander'] },
  cli: { may: ['fault', 'commands', 'options', 'terminal'], packages: ['commander'] },

  // The same cases on the embedded cluster and on real ones.
  conformance: {
    may: [...everyday, 'catalogue', 'cluster', 'commands', 'durable-file', 'judge', 'log', 'observe', 'terminal'],
    types: ['report'],
    packages: ['@kubernetes/client-node'],
  },

  // The command line played as a whole.
  e2e: {
    may: [...everyday, 'catalogue', 'cluster', 'commands', 'judge', 'load', 'log', 'run', 'shell-word', 'testing'],
    packages: ['@kubernetes/client-node', 'testcontainers', 'yaml'],
  },

  // For tests: servers that fail on purpose, fake clusters, builders of records.
  testing: { may: [...everyday, 'log', 'analyse'], packages: ['@kubernetes/client-node', 'selfsigned', 'vitest'] },
}
/** What tests get beside the row of the place where they stand. */
const forTests = {
  may: ['testing', 'verify', ...everyday],
  packages: ['vitest', 'fast-check', 'yaml', 'playwright-core', 'typescript'],
}

interface Import {
  /** Path within harness/. */
  from: string
  /** Path within harness/, `node:…`, or the name of a package. */
  to: string
  typeOnly: boolean
}

const files = readdirSync(harness, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
const imports = files.flatMap(importsOf)

/** Every import and re-export of a file; the formatter keeps them in the shapes that are looked for here. */
function importsOf(file: string): Import[] {
  const source = readFileSync(join(harness, file), 'utf8')
  const shapes = [
    /^(?:import|export)\s+(?<type>type\s)?[^'"`;()]*?\bfrom\s+'(?<to>[^']+)'/gm,
    /^import\s+'(?<to>[^']+)'/gm,
    /(?<type>:\s*|<|\btypeof\s+)?\bimport\(\s*'(?<to>[^']+)'/g,
  ]
  return shapes.flatMap((shape) =>
    [...source.matchAll(shape)].map(({ groups }) => ({
      from: file,
      to: resolved(file, groups?.['to'] ?? ''),
      typeOnly: groups?.['type'] !== undefined,
    })),
  )
}

function resolved(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(harness, join(harness, dirname(file), specifier))
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** `load` for load/driver.ts, `run` for run.ts, and `..` for what lies outside of harness/. */
function placeOf(file: string): string {
  return file.replace(/(\.test)?\.ts$/, '').split('/')[0] ?? ''
}

const isTest = (file: string): boolean => /\.test\.ts$|^testing\//.test(file)
const isOurs = (to: string): boolean => to.endsWith('.ts') || to.startsWith('..')
const described = ({ from, to }: Import): string => `${from} imports ${to}`

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const row = table[placeOf(from)]
  if (!row) return false
  const extra = isTest(from) ? forTests : { may: [], packages: [] }
  if (to.startsWith('node:')) return isTest(from) || !row.pure || ['node:path', 'node:url'].includes(to)
  if (/^\w.*\.json$/.test(to)) return placeOf(to) === placeOf(from)
  if (!isOurs(to)) return [...(row.packages ?? []), ...extra.packages].includes(to)
  // package.json for the version; the configuration files of the tools.
  if (to.startsWith('..')) return to.endsWith('.json')
  const places = [placeOf(from), ...row.may, ...(typeOnly ? (row.types ?? []) : []), ...extra.may]
  return places.includes(placeOf(to))
}

test('every place of harness/ is in the table', () => {
  const places = new Set(files.map(placeOf))
  places.delete('architecture')
  // Tests of the set-up, whose programs are not TypeScript.
  places.delete('setup')
  expect([...places].filter((place) => !Object.hasOwn(table, place))).toEqual([])
})

test('every import is allowed by the table', () => {
  const bound = imports.filter(({ from }) => Object.hasOwn(table, placeOf(from)))
  expect(bound.filter((one) => !isAllowed(one)).map(described)).toEqual([])
})

test('the judging half never imports the doing half', () => {
  const reach = (place: string, seen = new Set<string>()): Set<string> => {
    for (const next of table[place]?.may ?? []) if (!seen.has(next)) reach(next, seen.add(next))
    return seen
  }
  const doing = ['cluster', 'local', 'deploy', 'disrupt', 'observe', 'load', 'run']
  for (const place of ['analyse', 'lint', 'report', 'judge']) {
    expect(doing.filter((other) => reach(place).has(other))).toEqual([])
  }
})

/** Programs whose output another program reads, or that are no part of the command line. */
const readByPrograms = [
  /^e2e\/hostile\//,
  /^bench\/(judging|floor-client|undici-client)\.ts$/,
  /^load\/program\.ts$/,
  /^local\/main\.ts$/,
  /^local\/runtime\/inside\.ts$/,
  /^verify\/fault-process\.ts$/,
]

test('what is printed for people goes through terminal/print.ts', () => {
  const writing = /process\.std(out|err)\.write|\bconsole\./
  const others = files.filter((file) => !isTest(file) && file !== 'terminal/print.ts')
  const found = others.filter((file) => writing.test(readFileSync(join(harness, file), 'utf8')))
  expect(found.filter((file) => !readByPrograms.some((shape) => shape.test(file)))).toEqual([])
})

test('no files import each other in a circle at run time', () => {
  const next = Map.groupBy(
    imports.filter(({ to, typeOnly }) => isOurs(to) && !typeOnly),
    ({ from }) => from,
  )
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file) || path.includes(file)) return
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})

test('no file is longer than 250 lines or deeper than two folders', () => {
  const code = files.filter((file) => !isTest(file))
  const lines = (file: string): number => readFileSync(join(harness, file), 'utf8').trimEnd().split('\n').length
  expect(code.filter((file) => lines(file) > 250).map((file) => `${file}: ${lines(file)} lines`)).toEqual([])
  expect(files.filter((file) => file.split('/').length > 3)).toEqual([])
})
