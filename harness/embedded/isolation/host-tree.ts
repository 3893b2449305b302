/** The part of the machine's file system that containers see, and its overlays. */
import { readFileSync } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasManyUsers } from './credentials.ts'
import { copyAttributes, findInTree } from './file-tree.ts'
import type { TreeOverlay } from './file-tree.ts'
import { isPrivate, makeMask } from './host-mask.ts'
import { copyPackagedFiles } from './packaged-files.ts'

export interface HostTree {
  overlays: TreeOverlay[]
  /** Symbolic links in the root directory, `bin` → `usr/bin`. */
  links: { name: string; target: string }[]
}

/** Programs, and the other files that they read. */
const shown = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc']
/** Empty at first in every container: their content on the machine is private. */
const fresh: readonly TreeOverlay[] = [
  { target: '/home', lowers: [], mode: 0o755 },
  { target: '/opt', lowers: [], mode: 0o755 },
  { target: '/root', lowers: [], mode: 0o700 },
  { target: '/run', lowers: [], mode: 0o755 },
  { target: '/srv', lowers: [], mode: 0o755 },
  { target: '/tmp', lowers: [], mode: 0o1777 },
]

export interface HostTreeOptions {
  /** The directory for copies of files that cannot be shown in place. */
  copiesDirectory: string
  /** Mount points that must not be uncovered. */
  lockedMounts: ReadonlySet<string>
  /** Directories of the machine that are empty in containers. */
  hidden: readonly string[]
}

/**
 * Each top-level directory is one overlay. An overlay on a directory that contains a locked mount fails with EINVAL (overlayfs clones its
 * lower layer privately, and locked mounts must not be uncovered): such a directory is rebuilt: its files are copied, and each of its
 * directories is an overlay in turn; the mounts themselves are left out. /var contains only files of packages, not those added later.
 */
export async function readHostTree(options: HostTreeOptions): Promise<HostTree> {
  const tree: HostTree = { overlays: [...fresh], links: [] }
  const { lockedMounts: mounts, copiesDirectory: copies } = options
  const mask = join(copies, 'mask')
  await makeMask('/etc', join(mask, 'etc'))
  for (const name of shown) {
    const path = `/${name}`
    const stat = await lstat(path).catch(() => null)
    if (stat?.isSymbolicLink()) tree.links.push({ name, target: await readlink(path) })
    if (stat?.isDirectory()) await addDirectory({ tree, mounts, copies, mask }, path, false)
  }
  tree.overlays.push({ target: '/var', lowers: [await copyPackagedFiles('/var', join(copies, 'var'))], mode: 0o755 })
  for (const path of options.hidden) await hideDirectory(tree, path)
  return tree
}

/** An overlay with nothing below, if there is something to hide. */
async function hideDirectory(tree: HostTree, path: string): Promise<void> {
  const real = await realpath(path).catch(() => null)
  if (real === null || !shown.some((name) => real.startsWith(`/${name}/`))) return
  const found = await findInTree({ overlays: tree.overlays, layers: [] }, real)
  if (found?.stat.isDirectory()) tree.overlays.push({ target: real, lowers: [], mode: 0o755 })
}

interface Walk {
  tree: HostTree
  mounts: ReadonlySet<string>
  copies: string
  mask: string
}

/** `inCopy`: the directory above was rebuilt, so this one is part of a copy. */
async function addDirectory(walk: Walk, path: string, inCopy: boolean): Promise<void> {
  const { tree, mounts, copies, mask } = walk
  const copy = join(copies, path)
  const stat = await lstat(path)
  if (inCopy || isAboveMount(path, mounts)) {
    await mkdir(copy, { recursive: true })
    await copyAttributes(copy, stat)
  }
  const masks = path === '/etc' ? [join(mask, 'etc')] : []
  if (!isAboveMount(path, mounts)) {
    tree.overlays.push({ target: path, lowers: [...masks, path], mode: stat.mode })
    return
  }
  if (!inCopy) tree.overlays.push({ target: path, lowers: [...masks, copy], mode: stat.mode })
  // A directory that this user may not read is shown empty: /etc/ssl/private, without root.
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const from = join(path, entry.name)
    if (mounts.has(from) || !hasSeparator(entry.name)) continue
    if (path === '/etc' && isPrivate(from, await lstat(from))) continue
    if (entry.isDirectory()) await addDirectory(walk, from, true)
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), join(copies, from))
    // A file that only the machine's root may read does not exist for an unprivileged user.
    else if (entry.isFile()) await copyFile(from, join(copies, from)).catch(() => undefined)
  }
}

/** Overlay options are separated by commas and colons. */
function hasSeparator(name: string): boolean {
  return !/[,:\\\s]/.test(name)
}

/** One directory of each file system on which overlays are made directly, for a trial of each. */
export async function findOverlaidFileSystems(mounts: ReadonlySet<string>): Promise<string[]> {
  const byDevice = new Map<number, string>()
  const visitDirectory = async (path: string): Promise<void> => {
    const stat = await lstat(path).catch(() => null)
    if (!stat?.isDirectory() || mounts.has(path)) return
    if (!isAboveMount(path, mounts)) {
      if (!byDevice.has(stat.dev)) byDevice.set(stat.dev, path)
      return
    }
    for (const name of await readdir(path).catch(() => []))
      if (hasSeparator(name)) await visitDirectory(join(path, name))
  }
  for (const name of shown) await visitDirectory(`/${name}`)
  return [...byDevice.values()]
}

function isAboveMount(path: string, mounts: ReadonlySet<string>): boolean {
  return [...mounts].some((mount) => mount.startsWith(`${path}/`))
}

/**
 * The machine's locked mounts: all of them in a user namespace (mount_namespaces(7)), none for root. Field 5 of mountinfo, with octal
 * escapes decoded (proc(5)).
 */
export function readLockedMounts(isLocked: boolean = !hasManyUsers): Set<string> {
  if (!isLocked) return new Set()
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const decodeOctal = (_: string, octal: string): string => String.fromCharCode(parseInt(octal, 8))
  return new Set(lines.map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, decodeOctal)))
}
