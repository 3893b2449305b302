/** A run's event log and the captures beside it: one file for each driver. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { idPrefixOf } from '../../load/service/control-protocol.ts'
import { readPlan } from '../../log/plan-file.ts'
import { readLog } from '../../log/reader.ts'
import type { RequestRecord } from '../../model/record.ts'
import { agreementOf } from './agreement.ts'
import type { Agreement } from './agreement.ts'
import { exchangesOn } from './exchange.ts'
import { flowsOf } from './flow.ts'
import type { Flow } from './flow.ts'
import { packetsIn } from './pcap.ts'
import { readFrame } from './segment.ts'

/** The connections of a capture. */
export function readCapture(file: string): Flow[] {
  const seen = packetsIn(readFileSync(file)).map(readFrame)
  return flowsOf(seen.filter((one) => one !== null))
}

/** The id of the run whose requests are in a capture and the driver that sent them; `null` when there are none. */
export function ownerOf(flows: readonly Flow[]): { runId: string; driver: number } | null {
  for (const flow of flows) {
    for (const { id } of exchangesOn(flow)) {
      const { runId, driver } = /^(?<runId>.+)-(?<driver>\d+)-\d+$/.exec(id)?.groups ?? {}
      if (runId !== undefined) return { runId, driver: Number(driver) }
    }
  }
  return null
}

export function captureName(driver: number): string {
  return `driver-${driver}.pcap`
}

/** Of each driver whose capture is beside the log. */
export async function agreementsOf(runDir: string): Promise<Agreement[]> {
  const { runId, drivers } = readPlan(runDir)
  const present = new Set(readdirSync(runDir))
  const captured = Array.from({ length: drivers }, (_, driver) => driver).filter((one) => present.has(captureName(one)))
  const requests = new Map<number, RequestRecord[]>(captured.map((driver) => [driver, []]))
  for await (const record of readLog(runDir)) {
    if (record.type === 'request') requests.get(record.request.driver)?.push(record.request)
  }
  return captured.map((driver) => {
    const flows = readCapture(join(runDir, captureName(driver)))
    return agreementOf(requests.get(driver) ?? [], flows, idPrefixOf({ runToken: runId, driver }))
  })
}
