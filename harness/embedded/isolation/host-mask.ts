/** Hides from containers the files of a directory that are private to the machine. */
import { existsSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { link, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { runChecked } from '../runtime/command.ts'
import { copyAttributes } from './file-tree.ts'

/** World-readable, but specific to this machine. */
const machineFiles: ReadonlySet<string> = new Set(
  ['docker', 'fstab', 'kubernetes', 'machine-id', 'netplan', 'network'].map((name) => `/etc/${name}`),
)
/** Accounts of people begin at 1000; those below belong to packages, and 65534 is `nobody`. */
const [firstPerson, nobody] = [1000, 65_534]

export function isPrivate(path: string, stat: Pick<Stats, 'mode' | 'isDirectory' | 'isSymbolicLink'>): boolean {
  if (machineFiles.has(path)) return true
  if (stat.isSymbolicLink()) return false
  const wanted = stat.isDirectory() ? 0o005 : 0o004
  return (stat.mode & wanted) !== wanted
}

/** Makes a layer over `directory` without files that some user of the machine may not read, and without the accounts of people. */
export async function makeMask(directory: string, layer: string): Promise<void> {
  await mkdir(layer, { recursive: true })
  await copyAttributes(layer, await lstat(directory))
  for (const name of ['passwd', 'group']) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => '')
    await writeFile(join(layer, name), removeUserAccounts(text), { mode: 0o644 })
  }
  const hidden = await findPrivateEntries(directory)
  if (hidden.length === 0) return
  // A removed file in overlayfs: a character device 0:0 (kernel docs, "whiteouts and opaque directories").
  const whiteout = `${layer}.whiteout`
  await runChecked(['mknod', whiteout, 'c', '0', '0'])
  for (const path of hidden) {
    const place = join(layer, relative(directory, path))
    await makeParents(dirname(path), dirname(place), layer)
    await link(whiteout, place)
  }
}

/** Removes lines of passwd or group by the number in their third field. */
export function removeUserAccounts(accounts: string): string {
  const isSystemAccount = (line: string): boolean => {
    const id = Number(line.split(':')[2])
    return id < firstPerson || id === nobody
  }
  return accounts
    .split('\n')
    .filter((line) => line !== '' && isSystemAccount(line))
    .map((line) => `${line}\n`)
    .join('')
}

/** The private entries there, without the contents of private directories. */
async function findPrivateEntries(directory: string): Promise<string[]> {
  const about = [...machineFiles].filter((path) => path.startsWith(`${directory}/`) && existsSync(path))
  const unreadable = ['-type', 'd', '!', '-perm', '-005', '-prune', '-o', '-type', 'f', '!', '-perm', '-004']
  const found = await runChecked(['find', directory, '-mindepth', '1', '(', ...unreadable, ')', '-print0'])
  const paths = found.split('\0').filter((path) => path !== '')
  return [...about, ...paths.filter((path) => !about.some((hidden) => `${path}/`.startsWith(`${hidden}/`)))]
}

/** Directories of the layer get the attributes of those below. */
async function makeParents(original: string, place: string, layer: string): Promise<void> {
  if (place === layer || (await lstat(place).catch(() => null))) return
  await makeParents(dirname(original), dirname(place), layer)
  await mkdir(place)
  await copyAttributes(place, await lstat(original))
}
