/** How each tool is got that Debian and npm do not have: from its own sources, by the ordinary client of its language, below the checkout. */
import { join } from 'node:path'
import { runCommand } from '../../base/child-process.ts'
import type { LoadTool } from '../../model/tools/tool-report.ts'
import { findInstalled } from '../verify/tools.ts'

interface Source {
  program: string
  by: 'go' | 'cargo'
  /** Module or crate, and version. */
  from: string
  version: string
}

export const toolSources: Partial<Record<LoadTool, Source>> = {
  k6: { program: 'k6', by: 'go', from: 'go.k6.io/k6', version: '1.8.1' },
  vegeta: { program: 'vegeta', by: 'go', from: 'github.com/tsenart/vegeta/v12', version: '12.12.0' },
  hey: { program: 'hey', by: 'go', from: 'github.com/rakyll/hey', version: '0.1.5' },
  'hey -m POST': { program: 'hey', by: 'go', from: 'github.com/rakyll/hey', version: '0.1.5' },
  fortio: { program: 'fortio', by: 'go', from: 'fortio.org/fortio', version: '1.68.0' },
  oha: { program: 'oha', by: 'cargo', from: 'oha', version: '1.16.0' },
}

const limitMs = 30 * 60_000

/** Installs what is missing of these into `folder`/bin. Gives why a tool cannot be had, for those that cannot. */
export async function installTools(
  tools: readonly LoadTool[],
  folder: string,
  log: (line: string) => void,
): Promise<Map<LoadTool, string>> {
  const without = new Map<LoadTool, string>()
  for (const tool of tools) {
    const source = toolSources[tool]
    if (source === undefined || findInstalled(source.program)) continue
    const client = findInstalled(source.by)
    if (client === null) {
      without.set(tool, `it takes ${source.by}, which this machine does not have`)
      continue
    }
    log(`installing ${source.program} ${source.version} by ${source.by}`)
    const { exitCode, stderr } = await runCommand([client[0], ...listArguments(source, folder)], {
      env: { ...process.env, GOBIN: join(folder, 'bin') },
      limitMs,
    })
    if (exitCode !== 0) without.set(tool, stderr.trim().split('\n').at(-1) ?? `${source.by} exits with ${exitCode}`)
  }
  return without
}

function listArguments({ by, from, version }: Source, folder: string): string[] {
  return by === 'go'
    ? ['install', `${from}@v${version}`]
    : ['install', from, '--version', version, '--locked', '--root', folder]
}
