/** A run with any number of requests, the same on every machine: 10,000 a second, three pods, and a fixed share of losses. */
import { cpus, release } from 'node:os'
import { buildSampleWorkload } from '../../model/workload.ts'
import { hashToFraction } from '../../base/random.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, PodSnapshot, RequestRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import { disruptOnce } from '../../model/steps/order.ts'

const ratePerSecond = 10_000
const intervalUs = 1e6 / ratePerSecond
const beginUs = 1_000_000
const pods = ['web-6c9f7d9b8d-2xk4q', 'web-6c9f7d9b8d-h7wzn', 'web-6c9f7d9b8d-q9c5t'] as const
const connections = 64

export function createRunPlan(): RunPlan {
  return {
    schema: 1,
    runId: 'bench',
    scenario: {
      name: 'rollout',
      summary: 'A run to judge',
      replicas: pods.length,
      load: {
        ratePerSecond,
        shares: { fresh: 0.25, reused: 0.5, 'reused-post': 0.25 },
        workMs: 5,
        thinkMs: 0,
        timeoutMs: 5000,
      },
      steps: disruptOnce({ kind: 'rollout-restart' }, { beforeMs: 10_000, afterMs: 10_000 }),
      limitMs: 60_000,
    },
    configuration: { name: 'bench', expects: 'loses', hypothesis: 'loses a few' },
    workload: buildSampleWorkload({ workMs: 5 }),
    cluster: 'local',
    drivers: 1,
    via: { kind: 'service' },
    round: 1,
    seed: 1,
    environment: {
      nodrop: 'bench',
      node: process.version,
      kernel: release(),
      cpus: cpus().length,
      cpuModel: cpus()[0]?.model ?? 'unknown',
      kubernetes: 'none',
    },
  }
}

/** The records before and after the requests. */
export function createFrame(requests: number): { head: LogRecord[]; tail: LogRecord[] } {
  const endUs = beginUs + requests * intervalUs
  const createStep = (t: number, name: Step): LogRecord => ({
    type: 'step',
    t: Math.round(t),
    step: name,
    detail: null,
  })
  const wallClock = '2026-01-01T00:00:00.000Z'
  return {
    head: [
      { type: 'begin', t: 0, schema: 1, runId: 'bench', planDigest: null, wallClock },
      ...pods.map((name, index): LogRecord => ({
        type: 'pod',
        t: 1000 + index,
        change: 'added',
        pod: createPod(name),
      })),
      createStep(beginUs, 'load-begin'),
    ],
    tail: [
      createStep(beginUs + (endUs - beginUs) / 3, 'disrupt-begin'),
      ...pods.map((name, index): LogRecord => {
        const t = Math.round(beginUs + ((endUs - beginUs) * (4 + index)) / 9)
        return { type: 'pod', t, change: 'deleted', pod: { ...createPod(name), terminating: true } }
      }),
      createStep(beginUs + ((endUs - beginUs) * 2) / 3, 'old-pods-gone'),
      createStep(endUs, 'load-stop'),
      { type: 'end', t: endUs + 100_000, driver: 0, planned: requests, lost: null },
      createStep(endUs + 100_000, 'load-end'),
      createStep(endUs + 100_000, 'end'),
    ],
  }
}

function createPod(name: string): PodSnapshot {
  const node = 'node-1'
  return {
    name,
    uid: name,
    node,
    ip: null,
    phase: 'Running',
    ready: true,
    terminating: false,
    graceSeconds: 30,
    containers: [],
  }
}

/** Times distributed as on a quiet machine: most near the fastest, a few far from it. */
export function createRequest(seq: number, lostEvery: number): RequestRecord {
  const dueUs = beginUs + seq * intervalUs
  const sentUs = dueUs + 15 + Math.floor(40 * randomExponential(seq, 1))
  const [lane, fresh] =
    seq % 4 === 0 ? (['fresh', true] as const) : [seq % 4 === 2 ? ('reused-post' as const) : ('reused' as const), false]
  const connectedUs = fresh ? sentUs + 60 + Math.floor(30 * randomExponential(seq, 2)) : sentUs
  const firstByteUs = connectedUs + 5000 + Math.floor(900 * randomExponential(seq, 3))
  const lost = seq % lostEvery === lostEvery - 1
  const pod = pods[Math.floor(hashToFraction(0, seq, 4) * pods.length)] ?? null
  return {
    seq,
    driver: 0,
    lane,
    outcome: lost ? 'closed-before-response' : 'ok',
    dueUs,
    sentUs,
    connectedUs,
    firstByteUs: lost ? null : firstByteUs,
    settledUs: lost ? connectedUs + 300 : firstByteUs + 12,
    status: lost ? null : 200,
    connection: fresh ? seq : seq % connections,
    use: fresh ? 1 : 1 + Math.floor(seq / connections),
    idleUs: fresh ? 0 : 400 + Math.floor(900 * randomExponential(seq, 5)),
    bytes: lost ? 0 : 1290,
    pod: lost ? null : pod,
    previousPod: fresh ? null : pod,
    localPort: 32_768 + (fresh ? seq % 28_000 : seq % connections),
    detail: null,
  }
}

/** Exponential, mean 1. */
function randomExponential(seq: number, salt: number): number {
  return -Math.log(1 - hashToFraction(0, seq, salt))
}
