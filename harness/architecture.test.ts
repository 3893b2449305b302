/** Holds the real imports of every file against the table, and sizes against their limits. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { embedded, pure, rooms, tests } from './architecture-table.ts'
import { findCycles } from './proof/structure/measure-structure.ts'

const harness = import.meta.dirname

const files = readdirSync(harness, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file.includes('/') && !file.includes('node_modules'))
  .sort()
const isTest = (file: string): boolean => /\.test\.ts$|(^|\/)testing\//.test(file)
const imports = files.flatMap(readImports)

interface Import {
  /** Path within harness/. */
  from: string
  /** Path within harness/, `node:…`, or the name of a package. */
  to: string
}

/** Every import and re-export of a file, types too; the formatter keeps them in the shapes that are looked for here. */
function readImports(file: string): Import[] {
  const source = readFileSync(join(harness, file), 'utf8')
  const shapes = [
    /^(?:import|export)\s+[^'"`;()]*?\bfrom\s+'(?<to>[^']+)'/gm,
    /^import\s+'(?<to>[^']+)'/gm,
    /\bimport\(\s*'(?<to>[^'$]+)'/g,
  ]
  return shapes.flatMap((shape) =>
    [...source.matchAll(shape)].map(({ groups }) => ({ from: file, to: resolveImport(file, groups?.['to'] ?? '') })),
  )
}

function resolveImport(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(harness, join(harness, dirname(file), specifier))
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

const roomOf = (file: string): string => file.split('/')[0] ?? ''

function isAllowed({ from, to }: Import): boolean {
  const room = roomOf(from)
  const { may = [], packages = [] } = rooms[room] ?? {}
  const extra = isTest(from) ? tests : { may: [], packages: [] }
  const isPure = pure.test(from) && !isTest(from)
  if (to.startsWith('node:')) return !isPure || ['node:path', 'node:url'].includes(to)
  // package.json for the version; the configuration files of the tools.
  if (to.endsWith('.json')) return to.startsWith('..') || roomOf(to) === room
  if (!to.endsWith('.ts')) return [...packages, ...extra.packages].includes(to)
  if (isPure) return to === 'base/figures.ts' || roomOf(to) === 'model' || pure.test(to)
  return [room, ...may, ...extra.may].includes(roomOf(to))
}

test('imports: every room is in the table, and every import is allowed by it', () => {
  // setup/ is plain JavaScript that older Node runs; its tests are not.
  const bound = imports.filter(({ from }) => roomOf(from) !== 'setup')
  expect(bound.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('imports: the judging half never reaches the doing half', () => {
  const reach = (room: string, seen = new Set<string>()): Set<string> => {
    const { may = [], packages = [] } = rooms[room] ?? {}
    for (const next of [...may, ...packages]) if (!seen.has(next)) reach(next, seen.add(next))
    return seen
  }
  expect(['plan', 'cluster', embedded, 'load', 'run'].filter((room) => reach('judge').has(room))).toEqual([])
})

test('imports: the embedded Kubernetes lists the packages that it uses', () => {
  const { name, dependencies } = JSON.parse(readFileSync(join(harness, 'embedded/package.json'), 'utf8')) as {
    name: string
    dependencies: Record<string, string>
  }
  expect([name, Object.keys(dependencies)]).toEqual([embedded, rooms['embedded']?.packages])
})

test('imports: no files import each other in a circle, types included', () => {
  const code = Map.groupBy(
    imports.filter(({ from }) => !isTest(from)),
    ({ from }) => from,
  )
  const next = [...code].map(([file, imported]) => [file, imported.map(({ to }) => to)] as const)
  expect(findCycles(new Map(next))).toEqual([])
})

test('sizes: at most 250 lines a file, 20 files a folder, two folders deep', () => {
  const lines = (file: string): number => readFileSync(join(harness, file), 'utf8').trimEnd().split('\n').length
  const long = files.filter((file) => !file.endsWith('.test.ts') && lines(file) > 250)
  const folders = Map.groupBy(files, dirname)
  // The embedded API has one file a call.
  const full = [...folders].filter(([folder, { length }]) => length > 20 && folder !== 'embedded/api')
  expect([long, full.map(([folder]) => folder), files.filter((file) => file.split('/').length > 3)]).toEqual([
    [],
    [],
    [],
  ])
})

/** Programs whose output another program reads, or that are no part of the command line. */
const readByPrograms =
  /^(e2e\/hostile\/|proof\/bench\/(judging|floor-client|undici-client)\.ts|load\/service\/driver-program\.ts|embedded\/main\.ts|embedded\/testing\/|proof\/(faults\/fault-process|margins\/probe)\.ts)/

test('output: what is printed for people goes through terminal/print.ts', () => {
  const writing = /process\.std(out|err)\.write|\bconsole\./
  const others = files.filter((file) => !isTest(file) && file !== 'terminal/print.ts' && !readByPrograms.test(file))
  expect(others.filter((file) => writing.test(readFileSync(join(harness, file), 'utf8')))).toEqual([])
})
