/** Reads a Dockerfile: the part that makes sense over the machine's own file system, with a clear error for the rest. */
import { constants } from 'node:os'
import { posix } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { checkBaseImage } from './base-image.ts'
import { parseInstructions, parseJsonStrings } from './dockerfile-instructions.ts'
import type { Instruction } from './dockerfile-instructions.ts'
import { expandVariables, splitWords } from './dockerfile-words.ts'
import type { Scope } from './dockerfile-words.ts'

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
/** Kubernetes ignores these in an image. */
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
  const { escape, instructions } = parseInstructions(text)
  const reader: Reader = { result, args: new Map(), stages: 0, escape }
  for (const instruction of instructions) {
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
  escape: string
}

/** Flags that are implemented or have no effect here. */
const knownFlags: Readonly<Record<string, readonly string[]>> = {
  FROM: ['platform'],
  COPY: ['chmod', 'chown', 'link'],
}

function applyInstruction(reader: Reader, instruction: Instruction): void {
  const { line, keyword, args, flags } = instruction
  const { result } = reader
  const scope: Scope = { variables: new Map([...reader.args, ...result.env]), escape: reader.escape }
  if (withoutEffect.has(keyword)) return
  if (keyword !== 'FROM' && keyword !== 'ARG' && reader.stages === 0) throw new Error('must come after FROM')
  const unknown = [...flags.keys()].find((name) => !knownFlags[keyword]?.includes(name))
  if (unknown !== undefined) throw new Error(`--${unknown} is not supported by the embedded cluster`)
  switch (keyword) {
    case 'FROM':
      if (++reader.stages > 1) throw new Error('builds of several stages are not supported by the embedded cluster')
      return checkBaseImage(parseBase(args, scope))
    case 'ARG':
      return declareArgument(reader, expandVariables(args, scope))
    case 'ENV':
      return parseAssignments(args, scope).forEach(([name, value]) => result.env.set(name, value))
    case 'WORKDIR':
      result.workingDir = posix.resolve(result.workingDir, expandVariables(args, scope))
      return void result.steps.push({ kind: 'directory', line, path: result.workingDir })
    case 'USER':
      result.user = expandVariables(args, scope)
      return
    case 'ENTRYPOINT':
      result.entrypoint = parseCommand(args)
      return
    case 'CMD':
      result.command = parseCommand(args)
      return
    case 'STOPSIGNAL':
      result.stopSignal = parseSignal(expandVariables(args, scope))
      return
    case 'COPY':
      return void result.steps.push(parseCopy(instruction, scope, result.workingDir))
    case 'RUN':
      return void result.steps.push(parseRun(instruction, [...scope.variables], result))
    default:
      throw new Error('is not supported by the embedded cluster')
  }
}

/** `debian` of `debian AS base`. */
function parseBase(text: string, scope: Scope): string {
  const [image, as, ...name] = splitWords(text, scope)
  const isNamed = as?.toUpperCase() === 'AS' && name.length === 1
  if (image === undefined || (as !== undefined && !isNamed)) throw new Error('must have the form IMAGE [AS NAME]')
  return image
}

function declareArgument({ args }: Reader, text: string): void {
  const [name = '', ...value] = text.split('=')
  if (value.length > 0 || !args.has(name)) args.set(name, value.join('='))
}

/** `A=1 B="two words"`, or the old form `A the rest of the line`. */
function parseAssignments(text: string, scope: Scope): [string, string][] {
  const old = /^([^\s=]+)\s+([^]+)$/.exec(text)
  if (old) return [[old[1] ?? '', expandVariables(old[2] ?? '', scope)]]
  return splitWords(text, scope).map((word) => {
    const equals = word.indexOf('=')
    if (equals < 1) throw new Error(`"${word}" must have the form NAME=value`)
    return [word.slice(0, equals), word.slice(equals + 1)]
  })
}

/** The exec form is a JSON array; anything else is for a shell. */
function parseCommand(text: string): string[] {
  return parseJsonStrings(text) ?? ['/bin/sh', '-c', text]
}

function parseCopy(instruction: Instruction, scope: Scope, workingDir: string): CopyStep {
  const { line, args, flags } = instruction
  rejectHeredoc(instruction)
  const words = parseJsonStrings(args) ?? splitWords(args, scope)
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

function parseRun(instruction: Instruction, env: [string, string][], { workingDir, user }: Dockerfile): RunStep {
  rejectHeredoc(instruction)
  return { kind: 'run', line: instruction.line, argv: parseCommand(instruction.args), env, workingDir, user }
}

function rejectHeredoc({ hasHeredoc }: Instruction): void {
  if (!hasHeredoc) return
  throw new Error('here-documents are not supported by the embedded cluster; put the text in a file and COPY it')
}

function parseSignal(text: string): NodeJS.Signals {
  const name = /^\d+$/.test(text)
    ? Object.entries(constants.signals).find(([, number]) => number === Number(text))?.[0]
    : `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  if (name === undefined || !(name in constants.signals)) throw new Error(`"${text}" is not a signal`)
  return name as NodeJS.Signals
}
