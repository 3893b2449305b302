/** RUN of a Dockerfile: packages are searched on the machine, everything else is run in the image's own layer. */
import { spawn } from 'node:child_process'
import { copyFile, lstat, readdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { killGroup } from '../runtime/command.ts'
import { createProcessChain } from '../runtime/process-chain.ts'
import type { ProcessChain } from '../runtime/process-chain.ts'
import { resolveCredentials, hasManyUsers } from '../isolation/credentials.ts'
import type { Accounts } from '../isolation/credentials.ts'
import type { RunStep } from './dockerfile.ts'
import {
  copyAttributes,
  findInTree,
  makeDirectoryInTree,
  resolveInLayer,
  resolveInTree,
} from '../isolation/file-tree.ts'
import type { FileTree } from '../isolation/file-tree.ts'
import { planRoot } from '../isolation/mounts.ts'
import { findMissingPackages } from './packages.ts'
import { parseRunLine } from './run-instruction.ts'

export interface RunContext {
  tree: FileTree
  workDirectory: string
  deviceDirectory: string
  accounts: Accounts
}

const buildFunctions = readFileSync(join(import.meta.dirname, 'build-functions.sh'), 'utf8')

/** No sample image takes longer to build. */
const limitMs = 120_000
const keptCharacters = 64 * 1024

export async function runInLayer(step: RunStep, context: RunContext): Promise<void> {
  const isShell = step.argv[0] === '/bin/sh' && step.argv[1] === '-c' && step.argv.length === 3
  const { packages, rest } = isShell ? parseRunLine(step.argv[2] ?? '') : { packages: [], rest: step.argv.join(' ') }
  const missing = await findMissingPackages(packages)
  if (missing.length > 0) {
    throw new Error(`these packages must be installed on this machine: apt-get install ${missing.join(' ')}`)
  }
  if (rest === '') return
  if (!hasManyUsers) await copyOwnFiles(rest, context.tree)
  const { root, fstab } = await planRoot({ ...context, binds: [] })
  const shellText = hasManyUsers ? rest : `${buildFunctions}\n${rest}`
  const chain = createProcessChain({
    root,
    fstab,
    hostName: 'build',
    workingDir: step.workingDir,
    credentials: resolveCredentials(step.user, context.accounts),
    env: new Map(step.env),
    nice: 0,
    argv: isShell ? ['/bin/sh', '-c', shellText] : step.argv,
  })
  await runToEnd(chain, rest)
}

function runToEnd({ argv, env }: ProcessChain, what: string): Promise<void> {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  // Descriptor 2 has errors from before the command ran, 3 and 4 are the command's output, whose end is shown.
  for (const stream of child.stdio.slice(2)) {
    stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-keptCharacters)))
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      killGroup(child)
      for (const stream of child.stdio) stream?.destroy()
      reject(new Error(`"${what}" had not ended after ${limitMs / 1000} s`))
    }, limitMs)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) return resolve()
      const tail = output
        .replace(/^ready \d+\n/, '')
        .trim()
        .split('\n')
        .slice(-5)
        .join('\n')
      reject(new Error(`"${what}" ended with exit code ${code ?? 'none, by a signal'}: ${tail}`))
    })
  })
}

/**
 * With a single mapped user, files of other users of the machine cannot be changed, not even through an overlay. So the directories and
 * files of every path in the line are first created in the layer, where they belong to the user.
 */
async function copyOwnFiles(command: string, tree: FileTree): Promise<void> {
  const changesAll = /\bch(own|mod|grp)\b/.test(command)
  const named = command.match(/(?<=^|[\s='"])\/[^\s'";&|()<>*]*/g) ?? []
  for (const path of ['/etc/passwd', '/etc/group', ...named]) {
    const real = await resolveInTree(tree, posix.normalize(path).replace(/\/$/, ''))
    await copyOwnFile(real, tree, changesAll)
  }
}

async function copyOwnFile(path: string, tree: FileTree, recursive: boolean): Promise<void> {
  const found = await findInTree(tree, path)
  const isDirectory = found?.stat.isDirectory() ?? false
  await makeDirectoryInTree(tree, isDirectory ? path : posix.dirname(path))
  if (!found) return
  if (found.stat.isFile()) {
    const place = resolveInLayer(tree.layers[0] ?? '', tree.overlays, path)
    if (await lstat(place).catch(() => null)) return
    await copyFile(found.place, place)
    await copyAttributes(place, found.stat)
  }
  if (!isDirectory || !recursive) return
  // A directory that only its owner may read becomes an empty one.
  const names = await readdir(found.place).catch(() => [])
  for (const name of names) await copyOwnFile(posix.join(path, name), tree, true)
}
