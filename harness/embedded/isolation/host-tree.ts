/** What of the machine's file system containers see, and as which overlays. */
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

/** Programs, and what they read beside their own files. */
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
  /** Where files are copied to that cannot be shown as they are. */
  copiesDirectory: string
  /** Mount points that must not be uncovered. */
  lockedMounts: ReadonlySet<string>
  /** Directories of the machine that are empty in containers. */
  hidden: readonly string[]
}

/**
 * Each top-level directory is one overlay. An overlay on a directory that contains a locked mount fails with EINVAL
 * (overlayfs clones its lower layer privately, and locked mounts must not be uncovered): such a directory is made by
 * hand, its files are copied, and each of its directories is an overlay in turn; the mounts themselves are left out.
 * Of /var there is what packages have put there, and nothing that came later.
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

/** An overlay with nothing below, where there is something to hide. */
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

/** `inCopy`: the directory above was made by hand, and so has a copy that this one is a part of. */
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
  // What this user may not read has nothing to show: /etc/ssl/private, without root.
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const from = join(path, entry.name)
    if (mounts.has(from) || !hasSeparator(entry.name)) continue
    if (path === '/etc' && isPrivate(from, await lstat(from))) continue
    if (entry.isDirectory()) await addDirectory(walk, from, true)
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), join(copies, from))
    // What only the machine's root may read is not there for an unprivileged user.
    else if (entry.isFile()) await copyFile(from, join(copies, from)).catch(() => undefined)
  }
}

/** Overlay options are separated by commas and colons. */
function hasSeparator(name: string): boolean {
  return !/[,:\\\s]/.test(name)
}

/** A directory of each file system that overlays are made on as they are, for a trial of each. */
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
 * The machine's mounts that are locked: all of them in a user namespace (mount_namespaces(7)), none for root. Field 5
 * of mountinfo, with its octal escapes undone (proc(5)).
 */
export function readLockedMounts(isLocked: boolean = !hasManyUsers): Set<string> {
  if (!isLocked) return new Set()
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const decodeOctal = (_: string, octal: string): string => String.fromCharCode(parseInt(octal, 8))
  return new Set(lines.map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, decodeOctal)))
}
