/**
 * A container's files before it runs: layers over the machine's directories, as overlayfs will join them. Layers are written here as
 * directories, never through a mounted overlay: without root, overlayfs refuses to change files of other users of the machine, but a
 * layer's own directory may replace theirs.
 */
import { chmod, lchown, lstat, mkdir, readlink } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { join, posix } from 'node:path'
import { canChangeOwners } from './credentials.ts'

/** One overlay of a container's root. An overlay comes after those that contain it. */
export interface TreeOverlay {
  /** Its path in the container, for example `/usr`. */
  target: string
  /** Directories below all layers, topmost first; empty: the overlay is empty at first. */
  lowers: readonly string[]
  /** Permissions of its top directory if nothing is below it. */
  mode: number
}

export interface FileTree {
  overlays: readonly TreeOverlay[]
  /** Directories of the layers, topmost first. A layer stores its part of each overlay in `<index>`, and everything else in `root`. */
  layers: readonly string[]
}

/** The place of `path` in a layer. */
export function resolveInLayer(layer: string, overlays: readonly TreeOverlay[], path: string): string {
  const index = findOverlay(overlays, path)
  const target = overlays[index]?.target
  return target === undefined ? join(layer, 'root', path) : join(layer, String(index), path.slice(target.length))
}

/** The file at `path` in the joined tree, without following a link; `null` without one. */
export async function findInTree(tree: FileTree, path: string): Promise<{ place: string; stat: Stats } | null> {
  const overlay = tree.overlays[findOverlay(tree.overlays, path)]
  const places = tree.layers.map((layer) => resolveInLayer(layer, tree.overlays, path))
  if (overlay) places.push(...overlay.lowers.map((lower) => join(lower, path.slice(overlay.target.length))))
  for (const place of places) {
    const stat = await lstat(place).catch(() => null)
    // overlayfs marks a removed file with a character device 0:0 (kernel docs, "whiteouts and opaque directories").
    if (stat) return stat.isCharacterDevice() && stat.rdev === 0 ? null : { place, stat }
  }
  return null
}

/** `path` with every symbolic link in it resolved, as for a process in the container. */
export async function resolveInTree(tree: FileTree, path: string, depth = 0): Promise<string> {
  let resolved = '/'
  const names = path.split('/').filter((name) => name !== '')
  for (const [index, name] of names.entries()) {
    const next = posix.join(resolved, name)
    const found = await findInTree(tree, next)
    if (found?.stat.isSymbolicLink()) {
      if (depth > 40) throw new Error(`Cannot follow ${path}: too many symbolic links`)
      const target = posix.resolve(resolved, await readlink(found.place))
      return resolveInTree(tree, posix.join(target, ...names.slice(index + 1)), depth + 1)
    }
    resolved = next
  }
  return resolved
}

/** Makes `path`, with links resolved, a directory of the topmost layer; it and its parents keep the permissions they have below. */
export async function makeDirectoryInTree(tree: FileTree, path: string): Promise<string> {
  const [top = ''] = tree.layers
  const { target = '/', mode = 0o755 } = tree.overlays[findOverlay(tree.overlays, path)] ?? {}
  const names = path
    .slice(target.length)
    .split('/')
    .filter((name) => name !== '')
  const ancestors = names.map((_, index) => posix.join(target, ...names.slice(0, index + 1)))
  for (const directory of [target, ...ancestors]) {
    const place = resolveInLayer(top, tree.overlays, directory)
    if (await lstat(place).catch(() => null)) continue
    const below = await findInTree(tree, directory)
    await mkdir(place, { recursive: true })
    if (below) await copyAttributes(place, below.stat)
    else await chmod(place, directory === target ? mode & 0o7777 : 0o755)
  }
  return resolveInLayer(top, tree.overlays, path)
}

/** Sets the permissions of `stat`, and its owner if there is more than one user. */
export async function copyAttributes(path: string, stat: Pick<Stats, 'mode' | 'uid' | 'gid'>): Promise<void> {
  if (canChangeOwners) await lchown(path, stat.uid, stat.gid)
  // After lchown, which clears the set-group-id bit.
  await chmod(path, stat.mode & 0o7777)
}

function findOverlay(overlays: readonly TreeOverlay[], path: string): number {
  let best = -1
  for (const [index, { target }] of overlays.entries()) {
    const within = path === target || path.startsWith(`${target}/`)
    if (within && target.length > (overlays[best]?.target.length ?? 0)) best = index
  }
  return best
}
