/** The Node binary for the driver's image. */
import { join } from 'node:path'
import { getArchitecture, ownHost, readEngine } from './docker-engine.ts'
import type { DockerInfo, HostFacts } from './docker-engine.ts'
import { runToolOrThrow } from './tool.ts'

const script = join(import.meta.dirname, '../../setup/linux-node.cjs')
const downloadLimitMs = 300_000

/** The path of a binary for the engine's system: that of this process if it runs there, else one from npm. */
export async function findDriverNode(log: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const { info } = await readEngine()
  if (canRunOwnNode(info)) return process.execPath
  const argv = [process.execPath, script, getArchitecture(info)]
  const onLine = (line: string): void => {
    if (line.startsWith('installing ')) log(line)
  }
  return (await runToolOrThrow(argv, { limitMs: downloadLimitMs, onLine, ...(signal && { signal }) })).trim()
}

/** Linux on the same architecture. */
export function canRunOwnNode(
  info: DockerInfo,
  { platform }: HostFacts = ownHost,
  architecture: string = process.arch,
): boolean {
  return platform === 'linux' && getArchitecture(info) === architecture
}
