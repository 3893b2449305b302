/** The load and the disruption of a comparison, as far as its figures depend on them. */
import type { LoadConditions } from '../../model/baseline/baseline.ts'
import { defaultReuse } from '../../model/load/client.ts'
import { resolveRequests } from '../../model/load/lane-requests.ts'
import { listRequests, nameRequests } from '../../model/load/requests.ts'
import { workloadLanes } from '../../model/plan.ts'
import type { LoadPlan, RunPlan, Via } from '../../model/plan.ts'
import { describeStep } from '../../model/steps/labels.ts'
import { isDisruption } from '../../model/steps/steps.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'

/** Values of headers, queries and bodies are left out: they may be credentials, and a baseline is committed. */
export function describeLoad({ scenario, drivers, via, workload }: RunPlan): LoadConditions {
  const { load, replicas, steps } = scenario
  const { workMs, thinkMs, timeoutMs, connectTimeoutMs = timeoutMs, bodyTimeoutMs = timeoutMs } = load
  return {
    ratePerSecond: load.closedLoop ? null : load.ratePerSecond,
    connections: load.closedLoop?.connections ?? null,
    drivers,
    replicas,
    via: formatVia(via),
    shares: Object.entries(load.shares)
      .map(([lane, share]) => `${lane} ${Math.round(share * 1e4) / 1e2} %`)
      .join(', '),
    workMs,
    thinkMs,
    timeoutMs,
    path: workload.path.replace(/\?.*/, ''),
    requests: formatRequests(load),
    responseBytes: load.responseBytes ?? null,
    connectTimeoutMs,
    bodyTimeoutMs,
    reuse: formatReuse(load),
    tls: formatTls(load),
    steps: listDisruptions(steps).join(', '),
  }
}

function formatVia(via: Via): string {
  if (via.kind === 'ingress') return `ingress ${via.host}:${via.port}`
  return via.kind === 'url' ? `${via.scheme}://${via.host}:${via.port}` : via.kind
}

/** `GET /a, 3 × POST /b`; for lanes without listed requests `fresh GET, reused GET, reused-post POST of 64 bytes`. */
function formatRequests(load: LoadPlan): string {
  const list = listRequests(load)
  if (list !== null) {
    const names = nameRequests(list)
    return list.map(({ weight = 1 }, place) => `${weight === 1 ? '' : `${weight} × `}${names[place]}`).join(', ')
  }
  const requests = resolveRequests(load)
  const each = workloadLanes.map((lane) => {
    const { method, bodyBytes } = requests[lane]
    return `${lane} ${method}${bodyBytes > 0 ? ` of ${bodyBytes} bytes` : ''}`
  })
  return each.join(', ')
}

function formatReuse({ reuse }: LoadPlan): string {
  const { idleMs, uses, obeysKeepAliveTimeout } = { ...defaultReuse, ...reuse }
  const ends = [
    ...(idleMs === null ? [] : [`after ${idleMs} ms`]),
    ...(uses === null ? [] : [`after ${uses} requests`]),
    ...(obeysKeepAliveTimeout ? ['by Keep-Alive'] : []),
  ]
  return ends.length === 0 ? 'never closed' : `closed ${ends.join(', ')}`
}

function formatTls({ tls }: LoadPlan): string | null {
  if (tls === undefined) return null
  return 'unverified' in tls ? 'not verified' : 'verified'
}

/**
 * The disruptions without the waits between: `scales to 2, 3 × (restarts the rollout)`. The words of a command and the changes of an update
 * are left out, because they differ with each tested version.
 */
function listDisruptions(steps: readonly ScenarioStep[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'repeat') return `${step.times} × (${listDisruptions(step.steps).join(', ')})`
    if (step.kind === 'together') return `together (${listDisruptions(step.steps).join(', ')})`
    if (!isDisruption(step)) return []
    return step.kind === 'command' || step.kind === 'update' ? step.kind : describeStep(step)
  })
}
