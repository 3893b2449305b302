/** COPY of a Dockerfile. */
import { chmod, cp, lchown, lstat, readdir } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { resolveCredentials, canChangeOwners } from '../isolation/credentials.ts'
import type { Accounts } from '../isolation/credentials.ts'
import type { CopyStep } from './dockerfile.ts'
import { makeDirectoryInTree, resolveInTree } from '../isolation/file-tree.ts'
import type { FileTree } from '../isolation/file-tree.ts'

export interface CopyContext {
  tree: FileTree
  /** The folder of the Dockerfile. */
  folder: string
  /** Further files of the build context, by name, with their paths. */
  extra: Readonly<Record<string, string>>
  accounts: Accounts
}

/** A file that containers of the image get as a bind mount. */
export interface BindMountedFile {
  source: string
  target: string
}

/** Copies into the topmost layer. The extra files are bind-mounted instead: Node alone would take 120 MB of memory in every cluster. */
export async function copyIntoLayer(step: CopyStep, context: CopyContext): Promise<BindMountedFile[]> {
  const bound: BindMountedFile[] = []
  const directory = step.target.endsWith('/') || step.target === '/'
  for (const { source, isExtra } of step.sources.flatMap((pattern) => findSources(pattern, context))) {
    const intoDirectory = directory || (!isExtra && (await lstat(source)).isDirectory())
    const whole = await resolveInTree(context.tree, step.target)
    if (isExtra) {
      bound.push({ source, target: intoDirectory ? posix.join(whole, basename(source)) : whole })
      continue
    }
    const parent = await makeDirectoryInTree(context.tree, intoDirectory ? whole : posix.dirname(whole))
    // Docker copies the content of a directory, not the directory itself.
    const isFile = !(await lstat(source)).isDirectory()
    const target = intoDirectory
      ? isFile
        ? join(parent, basename(source))
        : parent
      : join(parent, posix.basename(whole))
    await cp(source, target, { recursive: true, force: true, verbatimSymlinks: true })
    await setAttributes(source, target, step, context.accounts)
  }
  return bound
}

function findSources(pattern: string, { folder, extra }: CopyContext): { source: string; isExtra: boolean }[] {
  const known = extra[posix.normalize(pattern)]
  if (known !== undefined) return [{ source: known, isExtra: true }]
  const inside = posix.normalize(`/${pattern}`).slice(1) || '.'
  const found = /[*?[]/.test(inside) ? globSync(inside, { cwd: folder }).sort() : [inside]
  if (found.length === 0) throw new Error(`no file in ${folder} matches "${pattern}"`)
  return found.map((name) => ({ source: join(folder, name), isExtra: false }))
}

/** Sets the attributes of everything from `source` below `target`. Files belong to root unless the step sets an owner. */
async function setAttributes(source: string, target: string, step: CopyStep, accounts: Accounts): Promise<void> {
  const owner = resolveCredentials(step.owner ?? '', accounts)
  const names = (await lstat(source)).isDirectory() ? await readdir(source, { recursive: true }) : ['']
  for (const name of names) {
    const place = join(target, name)
    const stat = await lstat(join(source, name))
    if (canChangeOwners) await lchown(place, owner.uid, owner.gid)
    if (stat.isSymbolicLink()) continue
    await chmod(place, step.mode === null ? stat.mode & 0o7777 : parseInt(step.mode, 8))
  }
}
