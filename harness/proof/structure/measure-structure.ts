/** The structure of a tree in figures: rooms, arrows between them, sizes, cycles, names, and tests beside the code. */
import { dirname } from 'node:path'
import type { SourceFile } from './source-file.ts'

export interface RoomFigures {
  room: string
  codeLines: number
  testLines: number
}

export interface StructureFigures {
  /** Folders and files directly below the root that contain code. */
  places: number
  /** Pairs of places of which one imports the other, without tests. */
  arrows: number
  filesPerFolder: Spread
  linesPerFunction: Spread
  /** Groups of files with circular imports, including types, without tests. */
  cycles: string[][]
  namedFunctions: number
  /** Named functions whose name ends in `Of`. */
  ofFunctions: number
  /** Named functions whose name is one lower-case word. */
  oneWordFunctions: number
  /** Folders with one or two path parts. */
  rooms: RoomFigures[]
}

export interface Spread {
  p90: number
  max: number
}

/** Functions of test files are left out, because they are read beside their only use. */
export function measureStructure(files: readonly SourceFile[]): StructureFigures {
  const code = files.filter(({ isTest }) => !isTest)
  const names = code.flatMap(({ functions }) => functions.map(({ name }) => name)).filter((name) => name !== '')
  return {
    places: new Set(code.map(({ path }) => findPlace(path))).size,
    arrows: countArrows(code),
    filesPerFolder: computeSpread(
      [...Map.groupBy(files, ({ path }) => dirname(path)).values()].map((group) => group.length),
    ),
    linesPerFunction: computeSpread(code.flatMap(({ functions }) => functions.map(({ lines }) => lines))),
    cycles: findCycles(new Map(code.map(({ path, imports }) => [path, imports]))),
    namedFunctions: names.length,
    ofFunctions: names.filter((name) => /[a-z]Of$/.test(name)).length,
    oneWordFunctions: names.filter((name) => /^[a-z]+$/.test(name)).length,
    rooms: listRooms(files),
  }
}

/** `run` for run/run.ts. */
const findPlace = (path: string): string => path.split('/')[0] ?? ''

function countArrows(code: readonly SourceFile[]): number {
  const arrows = code.flatMap(({ path, imports }) => imports.map((to) => [findPlace(path), findPlace(to)] as const))
  return new Set(arrows.filter(([from, to]) => from !== to && to !== '..').map(([from, to]) => `${from} ${to}`)).size
}

/** By the nearest rank. */
function computeSpread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { p90: sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0, max: sorted.at(-1) ?? 0 }
}

function listRooms(files: readonly SourceFile[]): RoomFigures[] {
  const rooms = new Map<string, RoomFigures>()
  for (const { path, lines, isTest } of files) {
    const parts = dirname(path).split('/')
    for (const room of new Set([parts[0] ?? '', parts.slice(0, 2).join('/')])) {
      const figures = rooms.get(room) ?? { room, codeLines: 0, testLines: 0 }
      rooms.set(room, figures)
      figures[isTest ? 'testLines' : 'codeLines'] += lines
    }
  }
  return [...rooms.values()].toSorted((a, b) => (a.room < b.room ? -1 : 1))
}

/** Strongly connected components of more than one node: Tarjan, "Depth-first search and linear graph algorithms", 1972. */
export function findCycles(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.size - 1)
    stack.push(node)
    for (const to of next.get(node) ?? []) {
      if (!next.has(to)) continue
      if (!index.has(to)) visit(to)
      if (stack.includes(to)) low.set(node, Math.min(low.get(node) ?? 0, low.get(to) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    if (component.length > 1) cycles.push(component.toSorted())
  }
  for (const node of next.keys()) if (!index.has(node)) visit(node)
  return cycles
}
