/** The Node that the driver's image gets. */
import { join } from 'node:path'
import { architectureOf, here, readEngine } from './docker-engine.ts'
import type { DockerInfo, Here } from './docker-engine.ts'
import { mustRunTool } from './tool.ts'

const script = join(import.meta.dirname, '../../setup/linux-node.cjs')
const downloadLimitMs = 300_000

/** The path of a binary for the engine's system: this process's own where that runs there, else one that npm brings. */
export async function driverNode(log: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const { info } = await readEngine()
  if (runsOwnNode(info)) return process.execPath
  const argv = [process.execPath, script, architectureOf(info)]
  const onLine = (line: string): void => {
    if (line.startsWith('installing ')) log(line)
  }
  return (await mustRunTool(argv, { limitMs: downloadLimitMs, onLine, ...(signal && { signal }) })).trim()
}

/** Linux on the same architecture. */
export function runsOwnNode(info: DockerInfo, { platform }: Here = here, architecture: string = process.arch): boolean {
  return platform === 'linux' && architectureOf(info) === architecture
}
