/**
 * `npm run tools` plays load tools against a server that fails on purpose, captures what they send, and compares each report with its rule
 * in judge/tools. It needs Linux, root and tcpdump. Tools that are missing are installed below node_modules/.cache: by go and cargo where the
 * machine has them, else left out.
 *
 * Status 0 when every rule predicted its tool, 1 when one did not, 3 when nothing can be played here.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { loadTools } from '../../model/tools/tool-report.ts'
import type { LoadTool } from '../../model/tools/tool-report.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { findCaptureObstacle } from '../capture/tcpdump.ts'
import { tools } from '../verify/tools.ts'
import type { Tool } from '../verify/tools.ts'
import { installTools } from './install-tools.ts'
import { formatFigures, formatPlays, isKnown, listDifferences } from './play-table.ts'
import { matchesRule, playTool } from './play-tool.ts'
import type { ToolPlay } from './play-tool.ts'
import { plays } from './plays.ts'
import type { Play } from './plays.ts'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/nodrop-tools')

const { values } = readToolOptions({
  name: 'tools',
  does: 'compares the losses that load tools report with a packet capture; needs Linux, root and tcpdump',
  options: {
    tools: { type: 'string', value: 'LIST', help: `only these of ${loadTools.join(', ')}` },
    faults: { type: 'string', value: 'LIST', help: `only these of ${plays.map(({ name }) => name).join(', ')}` },
  },
})

async function main(): Promise<number> {
  const wanted = selectNames('tools', values.tools, loadTools)
  const faults = selectNames(
    'faults',
    values.faults,
    plays.map(({ name }) => name),
  )
  const why = findCaptureObstacle()
  if (why !== null) throw new Fault('environment', `Cannot capture: ${why}`)
  mkdirSync(folder, { recursive: true })
  process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const without = await installTools(wanted, { folder, log: printNotice })
  for (const [tool, reason] of without) printNotice(`${tool} is left out: ${reason}`)
  const results = await playAll(
    wanted.filter((tool) => !without.has(tool)),
    faults,
  )
  printLines('lost on the wire → told', '', ...formatPlays(results), '', ...listDifferences(results))
  if (results.length === 0) throw new Fault('environment', 'Nothing could be played: none of the tools is here')
  return results.every((play) => matchesRule(play) || isKnown(play)) ? exitCodes.ok : exitCodes.gate
}

function selectNames<T extends string>(option: string, given: string | undefined, known: readonly T[]): T[] {
  const names = given?.split(',').map((name) => name.trim()) ?? known
  const unknown = names.filter((name) => !known.some((one) => one === name))
  if (unknown.length > 0) {
    throw new Fault('usage', `Cannot use --${option} ${unknown.join(',')}: must be among ${known.join(', ')}`)
  }
  return known.filter((name) => names.includes(name))
}

async function playAll(wanted: readonly LoadTool[], faults: readonly string[]): Promise<ToolPlay[]> {
  const directory = makeTemporaryDirectory('nodrop-tools-')
  const results: ToolPlay[] = []
  try {
    for (const tool of wanted.map(getTool)) {
      if (tool.command('http://127.0.0.1/', 1) === null) {
        printNotice(`${tool.name} is left out: it is not installed`)
        continue
      }
      for (const play of plays.filter(({ name }) => faults.includes(name))) {
        const result = await playWhole(tool, play, directory)
        printNotice(`${matchesRule(result) ? 'agrees' : 'differs'}: ${formatFigures(result)}`)
        results.push(result)
      }
    }
    return results
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const attempts = 3

/** Repeated if the capture has gaps, as on a shared machine. */
async function playWhole(tool: Tool & { name: LoadTool }, play: Play, directory: string): Promise<ToolPlay> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await playTool(tool, play, directory)
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'unknown' || attempt === attempts) throw error
      printNotice(`${tool.name}, ${play.name}: again, ${error.message}`)
    }
  }
}

/** Its command. */
function getTool(name: LoadTool): Tool & { name: LoadTool } {
  return { ...tools.find((tool) => tool.name === name)!, name }
}

try {
  process.exitCode = await main()
} catch (error) {
  printNotice(getErrorMessage(error))
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
