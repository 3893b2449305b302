/** A run's event log, and the captures beside it, one file for each driver. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatIdPrefix } from '../../load/service/control-protocol.ts'
import { readPlan } from '../../log/plan-file.ts'
import { readLog } from '../../log/reader.ts'
import type { RequestRecord } from '../../model/record.ts'
import { compareCapture } from './agreement.ts'
import type { Agreement } from './agreement.ts'
import { listExchanges } from './exchange.ts'
import { assembleFlows } from './flow.ts'
import type { Flow } from './flow.ts'
import { parsePackets } from './pcap.ts'
import { parseFrame } from './segment.ts'

/** The connections of a capture. */
export function readCapture(file: string): Flow[] {
  const seen = parsePackets(readFileSync(file)).map(parseFrame)
  return assembleFlows(seen.filter((one) => one !== null))
}

/** The id of the run whose requests are in a capture, and the driver that sent them; `null` without any. */
export function findOwner(flows: readonly Flow[]): { runId: string; driver: number } | null {
  for (const flow of flows) {
    for (const { id } of listExchanges(flow)) {
      const { runId, driver } = /^(?<runId>.+)-(?<driver>\d+)-\d+$/.exec(id)?.groups ?? {}
      if (runId !== undefined) return { runId, driver: Number(driver) }
    }
  }
  return null
}

export function getCaptureName(driver: number): string {
  return `driver-${driver}.pcap`
}

/** For each driver whose capture is beside the log. */
export async function compareCaptures(runDir: string): Promise<Agreement[]> {
  const { runId, drivers } = readPlan(runDir)
  const present = new Set(readdirSync(runDir))
  const captured = Array.from({ length: drivers }, (_, driver) => driver).filter((one) =>
    present.has(getCaptureName(one)),
  )
  const requests = new Map<number, RequestRecord[]>(captured.map((driver) => [driver, []]))
  for await (const record of readLog(runDir)) {
    if (record.type === 'request') requests.get(record.request.driver)?.push(record.request)
  }
  return captured.map((driver) => {
    const flows = readCapture(join(runDir, getCaptureName(driver)))
    return compareCapture(requests.get(driver) ?? [], flows, formatIdPrefix({ runToken: runId, driver }))
  })
}
