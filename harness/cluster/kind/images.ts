/** The sample images: built with Docker from the Dockerfiles below apps/, and loaded into the nodes of a kind cluster. */
import { randomBytes } from 'node:crypto'
import { constants, copyFileSync, cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createWriteFault, createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { hashBuildContext } from './build-context.ts'
import type { BuildContext } from './build-context.ts'
import { runToolOrThrow, runTool, getLastLines } from './tool.ts'
import { listContainers } from './containers.ts'
import { readClusterName, getLoadedImagesPath } from './cleanup-record.ts'

export interface BuildOptions {
  /** A folder with a folder for each image; folders without a Dockerfile are ignored. */
  folder: string
  /** Further files of an image's build context, by image, name in the context and path: `{ driver: { node: process.execPath } }`. */
  extra?: Record<string, Record<string, string>>
  /** Directory for a copy of an image's context during its build. */
  stateDir: string
  /** Default: `nodrop`. */
  repository?: string
  log: (line: string) => void
  signal?: AbortSignal
}

const queryLimitMs = 20_000
const buildLimitMs = 600_000
const loadLimitMs = 300_000

/**
 * Builds missing images. An image is named after its folder and has two tags: the hash of its context, which shows whether it exists, and
 * `dev`, which the manifests use. Returns the `dev` names.
 */
export async function buildImages(options: BuildOptions): Promise<string[]> {
  const { folder, extra = {}, repository = 'nodrop', log, signal } = options
  const images: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !existsSync(join(folder, entry.name, 'Dockerfile'))) continue
    const context: BuildContext = { folder: join(folder, entry.name), extra: extra[entry.name] ?? {} }
    const image = `${repository}/${entry.name}`
    const byHash = `${image}:${await hashBuildContext(context)}`
    if (await hasImage(byHash)) {
      await runToolOrThrow(['docker', 'tag', byHash, `${image}:dev`], {
        limitMs: queryLimitMs,
        ...(signal && { signal }),
      })
    } else {
      log(`building the image ${image}`)
      await buildImage(context, [byHash, `${image}:dev`], options)
    }
    images.push(`${image}:dev`)
  }
  return images
}

async function hasImage(name: string): Promise<boolean> {
  const { exitCode } = await runTool(['docker', 'image', 'inspect', '--format', '{{.Id}}', name], {
    limitMs: queryLimitMs,
  })
  return exitCode === 0
}

async function buildImage(
  context: BuildContext,
  tags: string[],
  { stateDir, log, signal }: BuildOptions,
): Promise<void> {
  const staged = join(stateDir, `image-context-${randomBytes(6).toString('hex')}`)
  try {
    stageContext(context, staged)
    const names = tags.flatMap((tag) => ['--tag', tag])
    const argv = ['docker', 'build', ...names, '--label', 'dev.nodrop=image', staged]
    const result = await runTool(argv, {
      limitMs: buildLimitMs,
      env: await chooseBuilder(),
      // The classic builder prints `Step 2/5 : RUN …`, BuildKit `#6 [2/4] RUN …`.
      onLine: (line) => {
        const step = /^(?:Step |#\d+ \[)(?<step>\d+\/\d+)(?: :|\]) (?<what>.{1,80})/.exec(line)?.groups
        if (step) log(`${step['step']} ${step['what']}`)
      },
      ...(signal && { signal }),
    })
    if (result.exitCode === 0) return
    throw new Fault(
      'environment',
      `Cannot build the image ${tags[0] ?? ''}: ${getLastLines(result)}`,
      'nodrop doctor says what Docker needs.',
    )
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
}

/** Copies the files of an image's context. Throws a Fault of the kind `environment`. */
export function stageContext({ folder, extra }: BuildContext, staged: string): void {
  createDirectory(staged, 0o700)
  try {
    cpSync(folder, staged, { recursive: true, verbatimSymlinks: true })
    for (const [name, path] of Object.entries(extra)) copyFileSync(path, join(staged, name), constants.COPYFILE_FICLONE)
  } catch (error) {
    throw createWriteFault(staged, error, 'copy what an image is built from to')
  }
}

/** Docker prefers BuildKit and fails if its plugin is not installed; the classic builder suffices here. */
async function chooseBuilder(): Promise<Record<string, string>> {
  const { exitCode } = await runTool(['docker', 'buildx', 'version'], { limitMs: queryLimitMs })
  return exitCode === 0 ? { BUILDKIT_PROGRESS: 'plain' } : { DOCKER_BUILDKIT: '0' }
}

/**
 * Loads images into the nodes of a kind cluster on which pods run. Loaded images are recorded beside the kubeconfig, so that a cluster that
 * stays gets an image again only when it has changed; kind itself detects that only if nodes have crictl.
 */
export async function loadImages(
  kubeconfig: string,
  images: readonly string[],
  { log, signal }: Pick<BuildOptions, 'log' | 'signal'>,
): Promise<void> {
  const name = readClusterName(kubeconfig)
  const ids = await runToolOrThrow(['docker', 'image', 'inspect', '--format', '{{.Id}}', ...images], {
    limitMs: queryLimitMs,
  })
  const brought = getLoadedImagesPath(kubeconfig)
  if (existsSync(brought) && readFileSync(brought, 'utf8') === ids) return
  log(`loading ${images.join(', ')} into the kind cluster ${name}`)
  // On a control plane with workers only Kubernetes' own pods run.
  const nodes = await listContainers(name)
  const workers = nodes.filter((node) => /-worker\d*$/.test(node))
  const places = (workers.length > 0 ? workers : nodes).join(',')
  const argv = ['kind', 'load', 'docker-image', ...images, '--name', name, '--nodes', places]
  await runToolOrThrow(argv, { limitMs: loadLimitMs, ...(signal && { signal }) })
  writeDurably(brought, ids)
}
