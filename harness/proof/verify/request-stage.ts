/** A load of several requests, each with its own expectations, compared with the server's record of each of them. */
import { join } from 'node:path'
import { startClock } from '../../base/clock.ts'
import { readLog } from '../../log/reader.ts'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { noIdentification } from '../../model/workload.ts'
import { summariseLags } from './compare-logs.ts'
import type { StageResult } from './compare-logs.ts'
import { askedRequests, startRequestServer } from './request-server.ts'
import type { RequestServer } from './request-server.ts'
import { createLoad, runLoad, unboundedLag } from './run-stage.ts'
import type { StageSetting } from './run-stage.ts'

export interface RequestStageResult extends StageResult {
  /** For each listed request. */
  requests: { name: string; weight: number; sent: number; outcomes: Partial<Record<Outcome, number>> }[]
}

const name = 'requests'
/** The server shares a process with the writer of the log, which must not cause losses. */
const timeoutMs = 30_000

export async function runRequestStage(setting: StageSetting, requests: number): Promise<RequestStageResult> {
  const log = join(setting.directory, `${name}.jsonl`)
  await using server = await startRequestServer(setting.seed)
  const list = askedRequests.map(({ request }) => request)
  const load = { ...createLoad(1000, [0.5, 0.5, 0]), timeoutMs, requests: list }
  const changed = { ...unboundedLag, identification: noIdentification }
  const planned = await runLoad({ ...setting, clock: startClock(), log }, { name, requests, load, changed }, server)
  const records: RequestRecord[] = []
  for await (const record of readLog(log)) if (record.type === 'request') records.push(record.request)
  return compareRecords(records, { planned, seed: setting.seed, server })
}

interface Known {
  planned: number
  seed: number
  server: Pick<RequestServer, 'truth' | 'strangers'>
}

/** Computes from the seed, as a judge does, which request a number was, and compares that with what the server got. Pure. */
export function compareRecords(
  records: readonly RequestRecord[],
  { planned, seed, server: { truth, strangers } }: Known,
): RequestStageResult {
  const list = askedRequests.map(({ request }) => request)
  const choose = createRequestChooser(seed, list)
  const requests: RequestStageResult['requests'] = list.map((one) => ({
    name: one.name,
    weight: one.weight ?? 1,
    sent: 0,
    outcomes: {},
  }))
  const examples = strangers.slice(0, 3).map((line) => `the server got ${line}, which is not in the list`)
  const sent = records.filter(({ sentUs }) => sentUs !== null)
  let misclassified = 0
  for (const { seq, outcome, detail } of sent) {
    const own = requests[choose(seq)]!
    own.sent++
    own.outcomes[outcome as Outcome] = (own.outcomes[outcome as Outcome] ?? 0) + 1
    const known = truth.get(seq)
    if (known?.name === own.name && known.outcome === outcome) continue
    misclassified++
    if (examples.length < 10) {
      const said = `the driver ${outcome}${detail === null ? '' : ` (${detail})`} of ${own.name}`
      examples.push(
        `request ${seq}: the server says ${known ? `${known.outcome} of ${known.name}` : 'it never came'}, ${said}`,
      )
    }
  }
  const ok = sent.filter(({ outcome }) => outcome === 'ok').length
  const numbers = new Set(records.map(({ seq }) => seq))
  const unsent = [...truth.keys()].filter((seq) => !numbers.has(seq)).length
  return {
    planned,
    sent: sent.length,
    ok,
    lost: sent.length - ok,
    notSent: records.length - sent.length,
    tooLate: 0,
    accountingError: Math.abs(planned - numbers.size) + (records.length - numbers.size) + unsent + strangers.length,
    misclassified,
    duplicates: truth.values().reduce((sum, { times }) => sum + times - 1, 0),
    rows: [],
    examples,
    lag: summariseLags(Float64Array.from(sent, ({ sentUs, dueUs }) => (sentUs ?? dueUs) - dueUs)),
    requests,
  }
}
