/** The images of foreign servers and those that a run needs besides, in one folder, in the form that clusters need. */
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../base/child-process.ts'
import { Fault } from '../../base/fault.ts'
import type { EmbeddedImages } from '../../cluster/embedded/embedded-cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import type { ForeignServer } from './servers.ts'

/** The images that nodrop deploys for a run on a target. */
const ownImages = ['app', 'driver']
const buildLimitMs = 300_000

/** Copies them below `directory`, and builds those that need more than one stage. Throws a Fault of the kind `environment`. */
export async function prepareServerImages(
  servers: readonly ForeignServer[],
  { apps, directory, node, signal }: Pick<Paths, 'apps'> & { directory: string; node: string; signal: AbortSignal },
): Promise<EmbeddedImages> {
  const folder = join(directory, 'images')
  mkdirSync(folder)
  for (const name of ownImages) cpSync(join(apps, name), join(folder, name), { recursive: true })
  const names = new Set(servers.flatMap(({ name, behind = [] }) => [name, ...behind]))
  const extra: EmbeddedImages['extra'] = { driver: { node } }
  for (const name of names) {
    const source = join(apps, 'servers', name)
    cpSync(source, join(folder, name), { recursive: true })
    if (name.startsWith('node-')) extra[name] = { node }
    if (existsSync(join(source, 'go.mod'))) await buildGoProgram(source, join(folder, name, 'server'), signal)
  }
  return { folder, extra }
}

async function buildGoProgram(source: string, target: string, signal: AbortSignal): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: '0' }
  const argv = ['go', 'build', '-C', source, '-trimpath', '-o', target, '.']
  const { exitCode, stderr } = await runCommand(argv, { env, limitMs: buildLimitMs, signal })
  if (exitCode !== 0) throw new Fault('environment', `Cannot build ${source}: ${stderr.trim()}`)
}
