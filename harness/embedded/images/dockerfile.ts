/** Reads a Dockerfile: what of it makes sense over the machine's own file system, and a clear error for the rest. */
import { constants } from 'node:os'
import { posix } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { checkBaseImage } from './base-image.ts'
import { parseFlags, parseInstructions, parseJsonStrings, rejectHeredoc } from './dockerfile-lines.ts'
import type { Instruction } from './dockerfile-lines.ts'
import { splitWords, expandVariables } from './dockerfile-words.ts'

export interface CopyStep {
  kind: 'copy'
  line: number
  sources: string[]
  /** Absolute; ends with `/` when it is a directory. */
  target: string
  mode: string | null
  owner: string | null
}
export interface RunStep {
  kind: 'run'
  line: number
  argv: string[]
  env: [string, string][]
  workingDir: string
  /** Empty: root. */
  user: string
}
export interface DirectoryStep {
  kind: 'directory'
  line: number
  path: string
}

export interface Dockerfile {
  file: string
  steps: (CopyStep | RunStep | DirectoryStep)[]
  env: Map<string, string>
  workingDir: string
  /** As written, `name`, `uid` or `uid:gid`; empty: root. */
  user: string
  entrypoint: string[]
  command: string[]
  stopSignal: NodeJS.Signals
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Kubernetes takes no notice of these in an image. */
const withoutEffect = new Set(['LABEL', 'EXPOSE', 'HEALTHCHECK', 'MAINTAINER', 'VOLUME'])

export function parseDockerfile(text: string, file: string): Dockerfile {
  const result: Dockerfile = {
    file,
    steps: [],
    env: new Map([['PATH', defaultPath]]),
    workingDir: '/',
    user: '',
    entrypoint: [],
    command: [],
    stopSignal: 'SIGTERM',
  }
  const reader: Reader = { result, args: new Map(), stages: 0 }
  for (const instruction of parseInstructions(text)) {
    try {
      applyInstruction(reader, instruction)
    } catch (error) {
      throw new Fault('usage', `${file}:${instruction.line}: ${instruction.keyword}: ${getErrorMessage(error)}`)
    }
  }
  if (reader.stages === 0) throw new Fault('usage', `${file}:1: a Dockerfile must have a FROM instruction`)
  return result
}

interface Reader {
  result: Dockerfile
  args: Map<string, string>
  stages: number
}

function applyInstruction(reader: Reader, { line, keyword, rest }: Instruction): void {
  const { result } = reader
  const variables = new Map([...reader.args, ...result.env])
  if (withoutEffect.has(keyword)) return
  if (keyword !== 'FROM' && keyword !== 'ARG' && reader.stages === 0) throw new Error('must come after FROM')
  switch (keyword) {
    case 'FROM':
      if (++reader.stages > 1) throw new Error('builds of several stages are not supported by the embedded cluster')
      return checkBaseImage(parseBase(rest, variables))
    case 'ARG':
      return declareArgument(reader, expandVariables(rest, variables))
    case 'ENV':
      return parseAssignments(rest, variables).forEach(([name, value]) => result.env.set(name, value))
    case 'WORKDIR':
      result.workingDir = posix.resolve(result.workingDir, expandVariables(rest, variables))
      return void result.steps.push({ kind: 'directory', line, path: result.workingDir })
    case 'USER':
      result.user = expandVariables(rest, variables)
      return
    case 'ENTRYPOINT':
      result.entrypoint = parseCommand(rest)
      return
    case 'CMD':
      result.command = parseCommand(rest)
      return
    case 'STOPSIGNAL':
      result.stopSignal = parseSignal(expandVariables(rest, variables))
      return
    case 'COPY':
      return void result.steps.push(parseCopy(line, rest, variables, result.workingDir))
    case 'RUN':
      return void result.steps.push(parseRun(line, rest, [...variables], result))
    default:
      throw new Error('is not supported by the embedded cluster')
  }
}

/** `debian` of `--platform=linux/amd64 debian AS base`. */
function parseBase(text: string, variables: ReadonlyMap<string, string>): string {
  const [image, as, ...name] = splitWords(parseFlags(text, ['platform']).rest, variables)
  const isNamed = as?.toUpperCase() === 'AS' && name.length === 1
  if (image === undefined || (as !== undefined && !isNamed)) throw new Error('must have the form IMAGE [AS NAME]')
  return image
}

function declareArgument({ args }: Reader, text: string): void {
  const [name = '', ...value] = text.split('=')
  if (value.length > 0 || !args.has(name)) args.set(name, value.join('='))
}

/** `A=1 B="two words"`, or the old form `A the rest of the line`. */
function parseAssignments(rest: string, variables: ReadonlyMap<string, string>): [string, string][] {
  const old = /^([^\s=]+)\s+([^]+)$/.exec(rest)
  if (old) return [[old[1] ?? '', expandVariables(old[2] ?? '', variables)]]
  return splitWords(rest, variables).map((word) => {
    const equals = word.indexOf('=')
    if (equals < 1) throw new Error(`"${word}" must have the form NAME=value`)
    return [word.slice(0, equals), word.slice(equals + 1)]
  })
}

/** The exec form is a JSON array; anything else is for a shell. */
function parseCommand(rest: string): string[] {
  return parseJsonStrings(rest) ?? ['/bin/sh', '-c', rest]
}

function parseCopy(line: number, text: string, variables: ReadonlyMap<string, string>, workingDir: string): CopyStep {
  const { flags, rest } = parseFlags(text, ['chmod', 'chown', 'link'])
  rejectHeredoc(rest)
  const words = parseJsonStrings(rest) ?? splitWords(rest, variables)
  const target = words.at(-1)
  if (target === undefined || words.length < 2) throw new Error('needs at least one source and a target')
  const directory = target.endsWith('/') || words.length > 2
  const absolute = posix.resolve(workingDir, target)
  return {
    kind: 'copy',
    line,
    sources: words.slice(0, -1),
    target: directory && absolute !== '/' ? `${absolute}/` : absolute,
    mode: flags.get('chmod') ?? null,
    owner: flags.get('chown') ?? null,
  }
}

function parseRun(line: number, text: string, env: [string, string][], { workingDir, user }: Dockerfile): RunStep {
  const { rest } = parseFlags(text, [])
  rejectHeredoc(rest)
  return { kind: 'run', line, argv: parseCommand(rest), env, workingDir, user }
}

function parseSignal(text: string): NodeJS.Signals {
  const name = /^\d+$/.test(text)
    ? Object.entries(constants.signals).find(([, number]) => number === Number(text))?.[0]
    : `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  if (name === undefined || !(name in constants.signals)) throw new Error(`"${text}" is not a signal`)
  return name as NodeJS.Signals
}
