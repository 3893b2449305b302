/** The reports of other tools about a server with known faults, for each tool and fault in turn. */
import { CommandError, runCommand } from '../../base/child-process.ts'
import type { FaultName } from '../faults/fault-kinds.ts'
import { faultKinds } from '../faults/fault-kinds.ts'
import { startFaultServer } from '../faults/fault-server.ts'
import { tools } from './tools.ts'
import type { ToolCounts, Tool } from './tools.ts'

/** Every fifth request meets it. */
export const trialFaults: readonly FaultName[] = [
  'fin-before-response',
  'rst-before-response',
  'fin-in-body',
  'rst-in-body',
  'garbage',
  'status-500',
  'ok-announced-close',
]

export interface ToolTrial {
  tool: string
  fault: FaultName
  /** `null` if the tool had not ended after a while, or printed no figures. */
  said: ToolCounts | null
  /** The server's counts: requests received, answered correctly, and lost to the fault. */
  server: { received: number; ok: number; lost: number }
}

const requests = 50
const limitMs = 15_000

/** Tools that are not installed are left out. */
export async function tryTools(only: readonly Tool[] = tools): Promise<ToolTrial[]> {
  const trials: ToolTrial[] = []
  for (const tool of only) {
    if (tool.command('http://127.0.0.1/', requests) === null) continue
    for (const fault of trialFaults) trials.push(await tryTool(tool, fault))
  }
  return trials
}

async function tryTool(tool: Tool, fault: ToolTrial['fault']): Promise<ToolTrial> {
  const server = { received: 0, ok: 0, lost: 0 }
  await using running = await startFaultServer({
    pick: () => (server.received % 5 === 4 ? fault : 'ok'),
    onServed(served) {
      server.received++
      if (!served.answered) return
      if (faultKinds[served.fault].outcome === 'ok') server.ok++
      else server.lost++
    },
  })
  const url = `http://127.0.0.1:${running.port}/`
  const output = await runTool(tool.command(url, requests) ?? [], tool.input?.(url) ?? '')
  return { tool: tool.name, fault, said: output === null ? null : parseOutput(tool, output), server: { ...server } }
}

function parseOutput(tool: Tool, output: string): ToolCounts | null {
  try {
    return tool.parse(output)
  } catch {
    return null
  }
}

/** Its output; `null` for a program that had to be ended. */
async function runTool(argv: string[], input: string): Promise<string | null> {
  try {
    return (await runCommand(argv, { input, limitMs })).stdout
  } catch (error) {
    if (error instanceof CommandError && error.kind === 'timed-out') return null
    throw error
  }
}
