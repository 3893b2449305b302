/** `npm run measure`: the structure of harness/, or of the given folder, in figures. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { printJson, printLines } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { measureStructure } from './measure-structure.ts'
import type { StructureFigures } from './measure-structure.ts'
import { readSourceFile } from './source-file.ts'

const { values, positionals } = readToolOptions({
  name: 'measure',
  does: 'prints the structure of harness/, or of another folder, in figures',
  options: { json: { type: 'boolean', help: 'print JSON instead of tables' } },
  words: '[FOLDER]',
})
const root = resolve(positionals[0] ?? join(import.meta.dirname, '../..'))
const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.split('/').includes('node_modules'))
  .sort()
const figures = measureStructure(paths.map((path) => readSourceFile(path, readFileSync(join(root, path), 'utf8'))))
if (values.json) printJson(figures)
else printLines(...formatFigures(figures))

function formatFigures(structure: StructureFigures): string[] {
  const { filesPerFolder, linesPerFunction, namedFunctions } = structure
  const formatShare = (part: number): string => `${((100 * part) / namedFunctions).toFixed(1)} % of ${namedFunctions}`
  const rows = [
    ['places', String(structure.places)],
    ['arrows between places', String(structure.arrows)],
    ['files a folder, p90 and max', `${filesPerFolder.p90} ${filesPerFolder.max}`],
    ['lines a function, p90 and max', `${linesPerFunction.p90} ${linesPerFunction.max}`],
    ['cycles of imports, types too', String(structure.cycles.length)],
    ['functions named …Of', formatShare(structure.ofFunctions)],
    ['functions named by one word', formatShare(structure.oneWordFunctions)],
  ]
  const rooms = structure.rooms.map(({ room, codeLines, testLines }) => [
    room,
    String(codeLines),
    String(testLines),
    codeLines === 0 ? '' : (testLines / codeLines).toFixed(2),
  ])
  return [
    ...alignColumns(rows),
    ...structure.cycles.map((cycle) => `cycle: ${cycle.join(', ')}`),
    '',
    ...alignColumns([['room', 'code', 'test', 'test ÷ code'], ...rooms]),
  ]
}
