/** `npm run readme`: the commands of README.md, as a reader copies them, with Node 20, 22 and 24. */
import { existsSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { runCommand } from '../../base/child-process.ts'
import { Fault, exitCodes } from '../../base/fault.ts'
import { readReadmeCommands } from './readme-commands.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'

const root = join(import.meta.dirname, '../../..')
/** Sections whose commands are played in a checkout; those of others need an existing cluster. */
const sections = ['Two commands', 'More']
const limitMs = 3_600_000
/** Commands that measure, or run the tests. */
const long = /^npm (start|test)|^npx nodrop (run|capacity)\b/
/** Commands that name objects which only their reader has. */
const needsOthers = /reports\/runs\/\d{8}-\d{6}/

explainUncaughtErrors('readme: ')
const { values } = readToolOptions({
  name: 'readme',
  does: 'plays the commands of README.md as a reader copies them',
  options: {
    node: { type: 'string', default: '20,22,24', value: 'LIST', help: 'major versions of Node, which npm brings' },
    all: { type: 'boolean', default: false, help: 'what plays a cluster too: minutes for each command and each Node' },
  },
})
process.exitCode = await playCommands(values.node.split(','), values.all)

async function playCommands(versions: readonly string[], isAll: boolean): Promise<number> {
  const found = sections.flatMap(readReadmeCommands).filter((line) => !needsOthers.test(line))
  const commands = found.filter((line) => isAll || !long.test(line))
  if (commands.length === 0) throw new Fault('unknown', 'Cannot play README.md: no command was found in it')
  const folder = makeTemporaryDirectory('nodrop-readme-')
  try {
    const columns: string[][] = []
    for (const version of versions) columns.push(await playWithNode(version, commands, folder))
    const rows = commands.map((command, index) => [...columns.map((column) => column[index] ?? ''), command])
    printLines(...alignColumns([[...versions.map((version) => `Node ${version}`), 'command'], ...rows]))
    return columns.flat().every((result) => result === '0') ? exitCodes.ok : exitCodes.gate
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The exit code of each. */
async function playWithNode(version: string, commands: readonly string[], folder: string): Promise<string[]> {
  const bin = dirname(await bringNode(version, folder))
  const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) }
  const codes: string[] = []
  for (const command of commands) {
    printNotice(`Node ${version}: ${command}`)
    const { exitCode, stderr } = await runCommand(['bash', '-c', `cd "$0" && ${command}`, root], { env, limitMs })
    if (exitCode !== 0) printNotice(stderr.trimEnd())
    codes.push(String(exitCode))
  }
  return codes
}

/** The newest release of that major version for this machine, from npm. */
async function bringNode(version: string, folder: string): Promise<string> {
  const place = join(folder, version)
  const name = `node-${process.platform}-${process.arch}`
  const install = ['npm', 'install', '--no-save', '--no-audit', '--ignore-scripts', '--prefix', place]
  const { exitCode, stderr } = await runCommand([...install, `${name}@${version}`], { limitMs })
  const binary = join(place, 'node_modules', name, 'bin/node')
  if (exitCode !== 0 || !existsSync(binary))
    throw new Fault('environment', `Cannot bring Node ${version} by the npm package ${name}: ${stderr.trim()}`)
  return binary
}
