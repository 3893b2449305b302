/** The packages that images install, and whether this machine has them. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../runtime/command.ts'
import { parseDockerfile } from './dockerfile.ts'
import type { Dockerfile } from './dockerfile.ts'
import { parseRunLine } from './run-instruction.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'

/** The `names` that are not installed by dpkg. */
export async function findMissingPackages(names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  // dpkg-query exits 1 for an unknown package; its standard output still lists the others.
  const { stdout } = await runCommand([
    'dpkg-query',
    '--show',
    '--showformat=${Package} ${db:Status-Status}\\n',
    ...names,
  ])
  const installed = new Set(
    stdout.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])),
  )
  return names.filter((name) => !installed.has(name))
}

/** Every package that a Dockerfile's RUN lines install. */
export function listPackages({ file, steps }: Dockerfile): string[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'run') return []
    try {
      return parseRunLine(step.argv.at(-1) ?? '').packages
    } catch (error) {
      throw new Fault('usage', `${file}:${step.line}: RUN: ${getErrorMessage(error)}`)
    }
  })
}

/** Every package that any image under `folder` installs. A folder without a Dockerfile is not an image. */
export async function listImagePackages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name, 'Dockerfile'))
    .filter((file) => existsSync(file))
  const parsed = await Promise.all(files.map(async (file) => parseDockerfile(await readFile(file, 'utf8'), file)))
  return [...new Set(parsed.flatMap(listPackages))].sort()
}
