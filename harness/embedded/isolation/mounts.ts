/** The mounts that make a container's root, as entries of its fstab. */
import { mkdir, writeFile } from 'node:fs/promises'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasManyUsers } from './credentials.ts'
import { copyAttributes, findInTree, makeDirectoryInTree } from './file-tree.ts'
import type { FileTree } from './file-tree.ts'
import { formatFstab } from './fstab.ts'
import type { MountEntry } from './fstab.ts'

export interface RootPlan {
  /** The first layer is the container's writable one. */
  tree: FileTree
  /** Working directory of overlayfs; must be on the same file system as the upper layer. */
  workDirectory: string
  deviceDirectory: string
  binds: { source: string; target: string; readOnly: boolean }[]
  /** Only writable bind mounts can be written. */
  readOnly?: boolean
}

/** Paths in /proc that runc makes read-only (OCI runtime spec, "readonlyPaths"; the defaults of containerd). */
const readOnlyProc = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger']
/** Paths in /proc that runc hides ("maskedPaths"; the defaults of containerd). */
const maskedProc = [
  'acpi',
  'asound',
  'interrupts',
  'kcore',
  'keys',
  'latency_stats',
  'sched_debug',
  'scsi',
  'timer_list',
  'timer_stats',
]
/** The size that containerd gives a pod. */
const sharedMemory = 'size=64m'

/** Makes the directories that the mounts need and writes the fstab; returns its path and the root's. */
export async function planRoot(plan: RootPlan): Promise<{ root: string; fstab: string }> {
  const { tree, workDirectory } = plan
  const [layer = ''] = tree.layers
  const root = join(layer, 'root')
  await mkdir(workDirectory, { recursive: true })
  for (const name of ['dev', 'proc', 'sys']) await mkdir(join(root, name), { recursive: true })
  const entries: MountEntry[] = [createBindMount(root, root, 'nodev', ...formatReadOnlyOption(plan))]
  for (const index of tree.overlays.keys()) entries.push(await createOverlayMount(plan, index))
  entries.push({ source: 'proc', target: join(root, 'proc'), type: 'proc', options: ['nosuid', 'nodev', 'noexec'] })
  for (const name of readOnlyProc) {
    const target = join(root, 'proc', name)
    if (existsSync(join('/proc', name)))
      entries.push(createBindMount(target, target, 'ro', 'nosuid', 'nodev', 'noexec'))
  }
  entries.push(...maskedProc.flatMap((name) => createMaskEntries(join('/proc', name), root, plan.deviceDirectory)))
  entries.push(...createDeviceMounts(plan, root))
  for (const { source, target, readOnly } of plan.binds) {
    entries.push(createBindMount(source, join(root, target), readOnly ? 'ro' : 'rw', 'nosuid', 'nodev'))
  }
  const fstab = join(workDirectory, 'fstab')
  await writeFile(fstab, formatFstab(entries))
  return { root, fstab }
}

function formatReadOnlyOption({ readOnly = false }: RootPlan): string[] {
  return readOnly ? ['ro'] : []
}

/** Hides a file behind /dev/null, a directory behind an empty one. */
function createMaskEntries(path: string, root: string, deviceDirectory: string): MountEntry[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  const target = join(root, path)
  if (!stat) return []
  if (!stat.isDirectory()) return [createBindMount(join(deviceDirectory, 'null'), target, 'ro')]
  return [{ source: 'tmpfs', target, type: 'tmpfs', options: ['ro', 'size=0', 'nosuid', 'nodev', 'noexec'] }]
}

async function createOverlayMount(plan: RootPlan, index: number): Promise<MountEntry> {
  const { tree, workDirectory } = plan
  const { target = '/', lowers: shown = [], mode = 0o755 } = tree.overlays[index] ?? {}
  const [layer = '', ...below] = tree.layers
  const upper = join(layer, String(index))
  if (!existsSync(upper)) {
    // The top directory of an overlay has the permissions of its upper layer.
    const found = await findInTree(tree, target)
    await mkdir(upper, { recursive: true })
    await copyAttributes(upper, found?.stat ?? { mode, uid: 0, gid: 0 })
  }
  const mountPoint = join(layer, 'root', target)
  const lowers = below.map((directory) => join(directory, String(index))).filter((directory) => existsSync(directory))
  lowers.push(...shown)
  if (!tree.overlays.some((other) => target.startsWith(`${other.target}/`)))
    await mkdir(mountPoint, { recursive: true })
  // A device file made in a container must not act as one of the machine's.
  const flags = ['nodev', ...formatReadOnlyOption(plan)]
  if (lowers.length === 0) return createBindMount(upper, mountPoint, ...flags)
  const work = join(workDirectory, `work-${index}`)
  await mkdir(work, { recursive: true })
  const options = [...flags, `lowerdir=${lowers.join(':')}`, `upperdir=${upper}`, `workdir=${work}`]
  // In a user namespace overlayfs can store its marks only in the user's extended attributes (kernel docs, "User xattr").
  if (!hasManyUsers) options.push('userxattr')
  return { source: 'overlay', target: mountPoint, type: 'overlay', options }
}

/** The devices are the same for all containers; shared memory and terminals are separate. */
function createDeviceMounts({ deviceDirectory }: RootPlan, root: string): MountEntry[] {
  const devices = join(root, 'dev')
  return [
    { source: deviceDirectory, target: devices, type: 'none', options: ['rbind', 'ro'] },
    {
      source: 'shm',
      target: join(devices, 'shm'),
      type: 'tmpfs',
      options: ['nosuid', 'nodev', 'noexec', 'mode=1777', sharedMemory],
    },
    {
      source: 'devpts',
      target: join(devices, 'pts'),
      type: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
  ]
}

function createBindMount(source: string, target: string, ...options: string[]): MountEntry {
  return { source, target, type: 'none', options: ['bind', ...options] }
}

/** Makes a mount point, a directory or an empty file, in the topmost layer. `target` contains no links. */
export async function makeMountPoint(tree: FileTree, target: string, isDirectory: boolean): Promise<void> {
  if (isDirectory) {
    await makeDirectoryInTree(tree, target)
    return
  }
  const at = target.lastIndexOf('/')
  const directory = await makeDirectoryInTree(tree, target.slice(0, at) || '/')
  await writeFile(join(directory, target.slice(at + 1)), '', { flag: 'a' })
}
