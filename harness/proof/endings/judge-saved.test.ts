import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { writePlan } from '../../log/plan-file.ts'
import { openLog } from '../../log/writer.ts'
import type { RequestRecord } from '../../model/record.ts'
import { buildRefused } from '../../testing/samples/records.ts'
import { buildPlan, buildRolloutLog } from '../../testing/samples/rollout-log.ts'
import { judgeSavedRuns } from './judge-saved.ts'
import type { Syn } from '../wire/syns.ts'
import { writeWitnesses } from '../wire/witness-file.ts'

let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'nodrop-again-'))
})
afterEach(() => rmSync(out, { recursive: true }))

const names = ['old-a', 'old-b', 'new-a', 'new-b']
const toAddress = (pod: string): string => `10.244.0.${10 + names.indexOf(pod)}`
/** As in the log. */
const originMs = Date.parse('2026-01-01T00:00:00.000Z')
/** A tenth of a second after the first old pod was signalled. */
const lost = 320

/** A rollout with a port for each request, one of which was refused. */
function buildRequest(record: RequestRecord): RequestRecord {
  const { seq, dueUs } = record
  const localPort = 40_000 + seq
  return seq === lost ? buildRefused({ seq, dueUs, localPort }) : { ...record, localPort }
}

/** The files of a run's directory: each answered request was sent to the pod that answered, the lost one to `lostTo`. */
async function writeRun(lostTo: string, others: (syn: Syn, seq: number) => Syn = (syn) => syn): Promise<void> {
  const runDir = join(out, '20260101-000000', '1-rollout')
  mkdirSync(runDir, { recursive: true })
  writePlan(runDir, buildPlan())
  const log = openLog(join(runDir, 'events.jsonl'), startClock())
  // 4.1 s is not a whole number of µs in binary.
  const records = buildRolloutLog(buildRequest).map((one) => ('t' in one ? { ...one, t: Math.round(one.t) } : one))
  log.writeMany(records)
  await log.close()
  const syns = records.flatMap((one) => {
    if (one.type !== 'request') return []
    const { seq, localPort, sentUs, pod } = one.request
    const to = seq === lost ? lostTo : (pod ?? '')
    return [others({ port: localPort ?? 0, ip: toAddress(to), atMs: originMs + (sentUs ?? 0) / 1000 }, seq)]
  })
  const pods = names.map((name) => ({ name, ip: toAddress(name), fromMs: originMs }))
  writeWitnesses(runDir, { ending: 'exit', setting: 'no-hook', syns, pods, requests: new Map() })
}

test('saved runs: each is held against kernel and servers by its files', async () => {
  await writeRun('old-a')
  const [played] = await judgeSavedRuns(out)
  expect(played).toMatchObject({ ending: 'exit', setting: 'no-hook', cluster: 'local', lost: 1, contradictions: [] })
  expect(played).toMatchObject({ blames: { right: 1, wrong: 0 }, checked: 999, moved: 0, kinds: [['refused', 1]] })
})

test('wrong blame: it is found out, with the request', async () => {
  await writeRun('new-b')
  const [played] = await judgeSavedRuns(out)
  expect(played?.blames).toMatchObject({ right: 0, wrong: 1 })
  expect(played?.wrong).toMatchObject([{ seq: lost, outcome: 'refused', blamed: ['old-a'], truth: 'new-b' }])
})

test('contradiction: an answer of a pod to which it was not sent', async () => {
  await writeRun('old-a', (syn, seq) => (seq === 700 ? { ...syn, ip: toAddress('old-b') } : syn))
  const [played] = await judgeSavedRuns(out)
  expect(played?.contradictions).toEqual(['#700 was sent to old-b by the kernel, and new-a had it'])
})
