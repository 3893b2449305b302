/** Images: Dockerfiles built as layers over the machine's own file system, once for each cluster. */
import { copyFile, mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { getErrorMessage } from '../../base/fault.ts'
import type { Accounts } from '../isolation/credentials.ts'
import { parseDockerfile } from './dockerfile.ts'
import type { Dockerfile } from './dockerfile.ts'
import { findInTree, makeDirectoryInTree } from '../isolation/file-tree.ts'
import type { FileTree, TreeOverlay } from '../isolation/file-tree.ts'
import type { HostTree } from '../isolation/host-tree.ts'
import { copyIntoLayer } from './image-copy.ts'
import type { BindMountedFile } from './image-copy.ts'
import { runInLayer } from './image-run.ts'
import { normalizeReference } from './image-name.ts'
import { RuntimeError } from '../runtime/runtime.ts'

export interface Image {
  dockerfile: Dockerfile
  /** The image's layer. */
  layer: string
  /** The machine's overlays, then those for directories that only the image has. */
  overlays: TreeOverlay[]
  bound: BindMountedFile[]
  accounts: Accounts
}

export interface ImageOptions {
  /** The image `nodrop/<name>:dev` is `<folder>/<name>/Dockerfile`; there is no other tag. */
  folder: string
  /** Further files for an image's build context: name of the image, name in the context, path. */
  extra: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The directory of the layers. */
  directory: string
  deviceDirectory: string
  host: HostTree
}

export class Images {
  readonly #options: ImageOptions
  readonly #known = new Map<string, Promise<Image>>()

  constructor(options: ImageOptions) {
    this.#options = options
  }

  /** The image, built if it has not been. Throws RuntimeError. */
  async get(reference: string): Promise<Image> {
    const whole = normalizeReference(reference)
    const name = /^docker\.io\/nodrop\/([a-z0-9][a-z0-9._-]*):dev$/.exec(whole)?.[1]
    const file = join(this.#options.folder, name ?? '', 'Dockerfile')
    if (name === undefined || !existsSync(file)) {
      const known = `the embedded cluster has the images nodrop/<name>:dev of the Dockerfiles ${join(this.#options.folder, '<name>')}`
      const why = `failed to resolve reference "${whole}": not found: ${known}`
      throw new RuntimeError('ErrImagePull', `failed to pull and unpack image "${whole}": ${why}`)
    }
    const image =
      this.#known.get(name) ??
      this.#build(name, file).catch((error: unknown) => {
        throw new RuntimeError('ErrImagePull', `cannot build the image "${reference}": ${getErrorMessage(error)}`)
      })
    this.#known.set(name, image)
    return image
  }

  async #build(name: string, file: string): Promise<Image> {
    const { host, directory, deviceDirectory, extra } = this.#options
    const dockerfile = parseDockerfile(await readFile(file, 'utf8'), file)
    const layer = join(directory, name)
    const tree: FileTree = { overlays: host.overlays, layers: [layer] }
    await mkdir(join(layer, 'root'), { recursive: true })
    for (const link of host.links) await symlink(link.target, join(layer, 'root', link.name))
    const bound: BindMountedFile[] = []
    for (const step of dockerfile.steps) {
      const accounts = await readAccounts(tree)
      try {
        if (step.kind === 'directory') await makeDirectoryInTree(tree, step.path)
        else if (step.kind === 'run') {
          await runInLayer(step, { tree, deviceDirectory, accounts, workDirectory: `${layer}.work` })
        } else {
          const context = { tree, folder: join(this.#options.folder, name), extra: extra[name] ?? {}, accounts }
          bound.push(...(await copyIntoLayer(step, context)))
        }
      } catch (error) {
        throw new Error(`${file}:${step.line}: ${getErrorMessage(error)}`, { cause: error })
      }
    }
    const overlays = [...host.overlays, ...(await findOwnDirectories(layer, host.overlays))]
    return { dockerfile, layer, overlays, bound, accounts: await readAccounts(tree) }
  }
}

/** Directories in the image's root that the machine's tree lacks: `/app`. */
async function findOwnDirectories(layer: string, overlays: readonly TreeOverlay[]): Promise<TreeOverlay[]> {
  const root = join(layer, 'root')
  const known = new Set([...overlays.map(({ target }) => target), '/dev', '/proc', '/sys'])
  const entries = await readdir(root, { withFileTypes: true })
  const own = entries.filter((entry) => entry.isDirectory() && !known.has(`/${entry.name}`))
  return own.map(({ name }) => ({ target: `/${name}`, lowers: [join(root, name)], mode: 0o755 }))
}

/** Gives a container's root directory the links and files of its image's. */
export async function copyRootEntries({ layer }: Image, root: string): Promise<void> {
  await mkdir(root, { recursive: true })
  for (const entry of await readdir(join(layer, 'root'), { withFileTypes: true })) {
    const from = join(layer, 'root', entry.name)
    if (entry.isSymbolicLink()) await symlink(await readlink(from), join(root, entry.name))
    else if (entry.isFile()) await copyFile(from, join(root, entry.name))
  }
}

async function readAccounts(tree: FileTree): Promise<Accounts> {
  const readTreeFile = async (path: string) => {
    const found = await findInTree(tree, path)
    return found ? readFile(found.place, 'utf8') : ''
  }
  return { passwd: await readTreeFile('/etc/passwd'), group: await readTreeFile('/etc/group') }
}
