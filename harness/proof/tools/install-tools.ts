/** How to install tools that Debian and npm lack: from their sources, with their languages' clients, below the checkout. */
import { join } from 'node:path'
import { CommandError, runCommand } from '../../base/child-process.ts'
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

/** Installs missing tools into `folder`/bin. Returns the reason for each that could not be installed. */
export async function installTools(
  tools: readonly LoadTool[],
  { folder, log, limitMs = 60 * 60_000 }: { folder: string; log: (line: string) => void; limitMs?: number },
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
    log(`installing ${source.program} ${source.version} by ${source.by}, which compiles it`)
    const reason = await installTool([client[0], ...listArguments(source, folder)], folder, limitMs)
    if (reason !== null) without.set(tool, reason)
  }
  return without
}

/** Returns why it failed: the client's last line, or that it had not ended; `null` on success. */
async function installTool(argv: string[], folder: string, limitMs: number): Promise<string | null> {
  try {
    const env = { ...process.env, GOBIN: join(folder, 'bin') }
    const { exitCode, stderr } = await runCommand(argv, { env, limitMs })
    return exitCode === 0 ? null : stderr.trim().split('\n').at(-1) || `${argv[0]} exits with ${exitCode}`
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
}

function listArguments({ by, from, version }: Source, folder: string): string[] {
  return by === 'go'
    ? ['install', `${from}@v${version}`]
    : ['install', from, '--version', version, '--locked', '--root', folder]
}
