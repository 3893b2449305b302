/** What was run, and on what: the conditions that the figures depend on. */
import { defaultReuse } from '../../model/load/client.ts'
import { resolveRequests } from '../../model/load/lane-requests.ts'
import { listRequests, nameRequests } from '../../model/load/requests.ts'
import type { WeightedRequest } from '../../model/load/requests.ts'
import { workloadLanes } from '../../model/plan.ts'
import type { LoadPlan, Via } from '../../model/plan.ts'
import { describeSteps } from '../../model/steps/labels.ts'
import { listDisruptions } from '../../model/steps/order.ts'
import { formatCapacity } from '../report/capacity-sentence.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatDuration, formatPercent, formatPlural } from '../../base/figures.ts'
import type { ReportedRun } from '../report/reported-run.ts'

/** Each condition with its value, or with all values if runs differ. */
export function listConditions(runs: readonly ReportedRun[]): [name: string, value: string][] {
  const plans = runs.map(({ plan }) => plan)
  const each = (pick: (plan: ReportedRun['plan']) => string) => [...new Set(plans.map(pick))]
  const seeds = each(({ seed }) => String(seed))
  return [
    ['Scenario', each(({ scenario }) => `${scenario.name}: ${scenario.summary}`).join(' · ')],
    ...listSteps(plans),
    ['Cluster', each(({ cluster, environment }) => `${cluster} (Kubernetes ${environment.kubernetes})`).join(', ')],
    [
      'Load',
      each(({ scenario: { load } }) => `${formatRate(load)}, ${formatMs(load.workMs)} of work each`).join(' · '),
    ],
    ['From', each(({ drivers }) => formatPlural(drivers, 'driver')).join(', ')],
    ['Way', each(({ via }) => formatVia(via)).join(' · ')],
    [
      'Clients',
      each(({ scenario: { load } }) =>
        [
          ...Object.entries(load.shares).map(([lane, part]) => `${lane} ${formatPercent(part, 1)}`),
          ...(load.controlPerSecond && !load.closedLoop
            ? [`control ${formatCount(load.controlPerSecond)}/s beside them`]
            : []),
        ].join(', '),
      ).join(' · '),
    ],
    ['Requests', each(({ scenario: { load } }) => formatRequests(load)).join(' · ')],
    ['Kept connections', each(({ scenario: { load } }) => formatReuse(load)).join(' · ')],
    ['Time limits', each(({ scenario: { load } }) => formatTimeouts(load)).join(' · ')],
    ...listCapacities(plans),
    ...listKeptFields(plans),
    ['Replicas', each(({ scenario }) => formatCount(scenario.replicas)).join(', ')],
    [
      'Rounds',
      `${formatPlural(new Set(plans.map(({ round }) => round)).size, 'round')}, ${formatPlural(runs.length, 'run')}`,
    ],
    [
      seeds.length === 1 ? 'Seed' : 'Seeds',
      seeds.length > 6 ? `${seeds.slice(0, 6).join(', ')} … (${seeds.length})` : seeds.join(', '),
    ],
    [
      'Machine',
      each(
        ({ environment: { cpuModel, cpus, kernel, coresAwake, driverBefore } }) =>
          `${cpuModel}, ${formatPlural(cpus, 'CPU')}${coresAwake ? ' kept awake' : ''}, Linux ${kernel}` +
          (driverBefore === 'workload' ? '; without the right to go before other programs' : ''),
      ).join(' · '),
    ],
    [
      'Measured with',
      each(({ environment }) => `nodrop ${environment.nodrop} on Node ${environment.node}`).join(' · '),
    ],
  ]
}

/** Only for scenarios that disrupt more than once: for others the summary contains it. */
function listSteps(plans: readonly ReportedRun['plan'][]): [name: string, value: string][] {
  const several = plans.flatMap(({ scenario: { name, steps } }) =>
    listDisruptions(steps).length > 1 ? [`${name}: ${describeSteps(steps)}`] : [],
  )
  return several.length === 0 ? [] : [['Steps', [...new Set(several)].join(' · ')]]
}

/** Only if it was measured before. */
function listCapacities(plans: readonly ReportedRun['plan'][]): [name: string, value: string][] {
  const says = plans.map(formatCapacity).filter((text) => text !== null)
  return says.length === 0 ? [] : [['Capacity', [...new Set(says)].join(' · ')]]
}

/** Fields of the workload's pods that the embedded cluster does not implement. */
function listKeptFields(plans: readonly ReportedRun['plan'][]): [name: string, value: string][] {
  const fields = [...new Set(plans.flatMap(({ keptFields = [] }) => keptFields))].sort()
  return fields.length === 0 ? [] : [['Without effect', `${fields.join(', ')} of its pods (docs/pod-fields.md)`]]
}

export function renderConditions(runs: readonly ReportedRun[]): Html {
  return html`<dl class="conditions">
    ${listConditions(runs).map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

function formatVia(via: Via): string {
  if (via.kind === 'service') return "to the Service's cluster IP"
  if (via.kind === 'url') return `from this machine to ${via.scheme}://${via.host}:${via.port}, at ${via.address}`
  return via.kind === 'nodeport' ? "to the Service's port of a node" : `through the Ingress ${via.host}:${via.port}`
}

function formatRate({ ratePerSecond, closedLoop }: LoadPlan): string {
  if (!closedLoop) return `${formatCount(ratePerSecond)} requests/s`
  return `${formatCount(closedLoop.connections)} requests in flight at all times (${closedLoop.engine}, a closed loop)`
}

function formatRequests(load: LoadPlan): string {
  const list = listRequests(load)
  return (list === null ? formatLanedRequests(load) : formatList(list)) + formatTls(load)
}

function formatList(list: readonly WeightedRequest[]): string {
  const names = nameRequests(list)
  const sum = list.reduce((all, { weight = 1 }) => all + weight, 0)
  return list.map(({ weight = 1 }, place) => `${names[place]} (${formatPercent(weight, sum)})`).join(', ')
}

function formatLanedRequests(load: LoadPlan): string {
  const requests = resolveRequests(load)
  const each = workloadLanes.map((lane) => {
    const { method, bodyBytes, headers } = requests[lane]
    const body = bodyBytes > 0 ? ` with ${formatPlural(bodyBytes, 'byte')}` : ''
    const names = Object.keys(headers)
    return `${lane} ${method}${body}${names.length > 0 ? ` and ${names.join(', ')}` : ''}`
  })
  const asked =
    load.responseBytes === undefined ? '' : `; responses of ${formatPlural(load.responseBytes, 'byte')} or more`
  return each.join(', ') + asked
}

function formatReuse({ thinkMs, reuse }: LoadPlan): string {
  const { idleMs, uses, obeysKeepAliveTimeout } = { ...defaultReuse, ...reuse }
  const ends = [
    idleMs === null ? null : `after ${formatMs(idleMs)} without a request`,
    uses === null ? null : `after ${formatPlural(uses, 'request')}`,
    obeysKeepAliveTimeout ? 'a second before the server’s Keep-Alive: timeout' : null,
  ].filter((end) => end !== null)
  const closed = ends.length === 0 ? 'never closed by the client' : `closed by the client ${ends.join(', ')}`
  const ignored = obeysKeepAliveTimeout ? '' : '; Keep-Alive: timeout is ignored, Connection: close obeyed'
  return `rest ${formatMs(thinkMs)} or more between requests, ${closed}${ignored}`
}

function formatTimeouts({ timeoutMs, connectTimeoutMs = timeoutMs, bodyTimeoutMs = timeoutMs }: LoadPlan): string {
  return `connection ${formatMs(connectTimeoutMs)}, headers ${formatMs(timeoutMs)}, body ${formatMs(bodyTimeoutMs)}`
}

function formatTls({ tls }: LoadPlan): string {
  if (tls === undefined) return ''
  const authority = 'ca' in tls ? 'the scenario’s CA' : 'roots' in tls ? 'the roots of the system' : null
  const held = authority === null ? 'not verified' : `held against ${authority}`
  return `; over TLS, ${held}, a full handshake for each connection`
}

/** For durations of a plan, in ms. */
function formatMs(ms: number): string {
  return formatDuration(ms * 1_000)
}
