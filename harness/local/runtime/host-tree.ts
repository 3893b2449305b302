/** What of the machine's file system containers see, and as which overlays. */
import { readFileSync } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { copyAttributes } from './file-tree.ts'
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
  /** Whether mounts of the machine are locked: in a user namespace they are (mount_namespaces(7)). */
  locked: boolean
}

/**
 * Each top-level directory is one overlay. An overlay on a directory that contains a locked mount fails with EINVAL
 * (overlayfs clones its lower layer privately, and locked mounts must not be uncovered): such a directory is made by
 * hand, its files are copied, and each of its directories is an overlay in turn; the mounts themselves are left out.
 */
export async function readHostTree(options: HostTreeOptions): Promise<HostTree> {
  const tree: HostTree = { overlays: [...fresh], links: [] }
  const mounts = options.locked ? mountPoints() : new Set<string>()
  for (const name of shown) {
    const path = `/${name}`
    const stat = await lstat(path).catch(() => null)
    if (stat?.isSymbolicLink()) tree.links.push({ name, target: await readlink(path) })
    if (stat?.isDirectory()) await addDirectory({ tree, mounts, copies: options.copiesDirectory }, path, false)
  }
  return tree
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
  for (const entry of await readdir(path, { withFileTypes: true })) {
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

/** Field 5 of /proc/self/mountinfo, with its octal escapes undone (proc(5)). */
function mountPoints(): Set<string> {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const unescaped = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
  return new Set(lines.map((line) => unescaped(line.split(' ')[4] ?? '')))
}
