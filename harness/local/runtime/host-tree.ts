/** What of the machine's file system containers see, and as which overlays. */
import { readFileSync } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasManyUsers } from './credentials.ts'
import { copyAttributes, findInTree } from './file-tree.ts'
import type { TreeOverlay } from './file-tree.ts'

export interface HostTree {
  overlays: TreeOverlay[]
  /** Symbolic links in the root directory, `bin` → `usr/bin`. */
  links: { name: string; target: string }[]
}

const shown = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'var', 'opt', 'srv']
/** Empty at first in every container: what they hold on the machine is its own business. */
const fresh: readonly TreeOverlay[] = [
  { target: '/home', lower: null, mode: 0o755 },
  { target: '/root', lower: null, mode: 0o700 },
  { target: '/run', lower: null, mode: 0o755 },
  { target: '/tmp', lower: null, mode: 0o1777 },
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
 */
export async function readHostTree(options: HostTreeOptions): Promise<HostTree> {
  const tree: HostTree = { overlays: [...fresh], links: [] }
  const { lockedMounts: mounts, copiesDirectory: copies } = options
  for (const name of shown) {
    const path = `/${name}`
    const stat = await lstat(path).catch(() => null)
    if (stat?.isSymbolicLink()) tree.links.push({ name, target: await readlink(path) })
    if (stat?.isDirectory()) await addDirectory({ tree, mounts, copies }, path, false)
  }
  for (const path of options.hidden) await hide(tree, path)
  return tree
}

/** An overlay with nothing below, where there is something to hide. */
async function hide(tree: HostTree, path: string): Promise<void> {
  const real = await realpath(path).catch(() => null)
  if (real === null || !shown.some((name) => real.startsWith(`/${name}/`))) return
  const found = await findInTree({ overlays: tree.overlays, layers: [] }, real)
  if (found?.stat.isDirectory()) tree.overlays.push({ target: real, lower: null, mode: 0o755 })
}

interface Walk {
  tree: HostTree
  mounts: ReadonlySet<string>
  copies: string
}

/** `inCopy`: the directory above was made by hand, and so has a copy that this one is a part of. */
async function addDirectory(walk: Walk, path: string, inCopy: boolean): Promise<void> {
  const { tree, mounts, copies } = walk
  const copy = join(copies, path)
  const stat = await lstat(path)
  if (inCopy || isAbove(path, mounts)) {
    await mkdir(copy, { recursive: true })
    await copyAttributes(copy, stat)
  }
  if (!isAbove(path, mounts)) {
    tree.overlays.push({ target: path, lower: path, mode: stat.mode })
    return
  }
  if (!inCopy) tree.overlays.push({ target: path, lower: copy, mode: stat.mode })
  // What this user may not read has nothing to show: /var/lib/docker, without root.
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const from = join(path, entry.name)
    // Overlay options are separated by commas and colons.
    if (mounts.has(from) || /[,:\\\s]/.test(entry.name)) continue
    if (entry.isDirectory()) await addDirectory(walk, from, true)
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), join(copies, from))
    // What only the machine's root may read is not there for an unprivileged user.
    else if (entry.isFile()) await copyFile(from, join(copies, from)).catch(() => undefined)
  }
}

function isAbove(path: string, mounts: ReadonlySet<string>): boolean {
  return [...mounts].some((mount) => mount.startsWith(`${path}/`))
}

/**
 * The machine's mounts that are locked here: all of them in a user namespace (mount_namespaces(7)), none for root. Field 5
 * of mountinfo, with its octal escapes undone (proc(5)).
 */
export function lockedMounts(): Set<string> {
  if (hasManyUsers) return new Set()
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const character = (_: string, octal: string): string => String.fromCharCode(parseInt(octal, 8))
  return new Set(lines.map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, character)))
}
