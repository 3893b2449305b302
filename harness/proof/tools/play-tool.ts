/** One tool against a server that fails deliberately: its report, its rule's prediction from the capture, and whether they agree. */
import { join } from 'node:path'
import { CommandError, runCommand } from '../../base/child-process.ts'
import { getToolRule, reportByRule } from '../../judge/tools/tool-reports.ts'
import type { LoadTool, ToolReport } from '../../model/tools/tool-report.ts'
import { readCapture } from '../capture/compare-captures.ts'
import { startFaultServer } from '../faults/fault-server.ts'
import type { FaultServer } from '../faults/fault-server.ts'
import type { Tool } from '../verify/tools.ts'
import { captureWhile } from './capture-port.ts'
import { listWireRequests } from './wire-requests.ts'
import type { Play } from './plays.ts'

/** The result of a tool. */
export interface ToolResult {
  failed: number
  good: number
  exitCode: number | null
}

export interface ToolPlay {
  tool: LoadTool
  play: string
  /** By the capture. */
  sent: number
  lost: number
  /** `null` if it had not ended after a while, or printed no figures. */
  told: ToolResult | null
  predicted: ToolResult
}

const requests = 100
/** One process for each request. */
const requestsOfCurl = 40
const limitMs = 180_000
/** A tool that runs for a time may have one request in flight at its end; all others are exact. */
const slack: Partial<Record<LoadTool, number>> = { wrk: 1 }

export async function playTool(
  tool: Tool & { name: LoadTool },
  { name, pick }: Play,
  directory: string,
): Promise<ToolPlay> {
  const server = await startFaultServer({ pick: pick ?? (() => 'ok') })
  if (pick === null) await server[Symbol.asyncDispose]()
  await using _open = pick === null ? null : server
  const file = join(directory, `${tool.name}-${name}.pcap`.replaceAll(/[^\w.-]+/g, '-'))
  const told = await captureWhile(server.port, file, () => runTool(tool, server))
  const wire = listWireRequests(readCapture(file))
  const lost = wire.filter(({ outcome }) => outcome !== 'ok')
  const report = reportByRule(getToolRule(tool.name), { sent: wire.length, lost, endedByClose: 0 })
  return { tool: tool.name, play: name, sent: wire.length, lost: lost.length, told, predicted: toResult(report) }
}

async function runTool(tool: Tool, { port }: FaultServer): Promise<ToolResult | null> {
  const url = `http://127.0.0.1:${port}/`
  try {
    const { stdout, exitCode } = await runCommand(
      tool.command(url, tool.name === 'curl' ? requestsOfCurl : requests) ?? [],
      {
        input: tool.input?.(url) ?? '',
        limitMs,
      },
    )
    const { ok, failed } = tool.parse(stdout)
    return { failed, good: ok, exitCode }
  } catch (error) {
    if (error instanceof CommandError || error instanceof SyntaxError) return null
    throw error
  }
}

/** On the wire a retry is a separate request, so a retried request does not count as good twice. */
function toResult({ tool, told, errors, good, resent, gaveUp, exits }: ToolReport): ToolResult {
  const exitCode = Number(Object.keys(exits)[0])
  if (gaveUp > 0) return { failed: 0, good: 0, exitCode }
  if (!tool.startsWith('ab')) return { failed: errors, good: good - resent, exitCode }
  // It counts a request as complete and, under each name, as failed.
  const failed = Object.entries(told).reduce((sum, [name, times]) => sum + (name === 'Non-2xx' ? 0 : times), 0)
  return { failed, good: good - resent + errors - failed, exitCode }
}

export function matchesRule({ tool, told, predicted }: ToolPlay): boolean {
  const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= (slack[tool] ?? 0)
  return (
    told !== null &&
    told.exitCode === predicted.exitCode &&
    isNear(told.failed, predicted.failed) &&
    isNear(told.good, predicted.good)
  )
}
