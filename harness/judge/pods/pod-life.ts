/** The life of each pod of the workload, from the watches and its kubelet. */
import type { EndpointSnapshot } from '../../model/record.ts'
import type { PodTimeline } from '../../model/result.ts'
import { buildContainerLives } from './container-life.ts'
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'
import { narrowSpansWithoutPods } from './spans-without-pods.ts'
import type { SpanWithoutPods } from './spans-without-pods.ts'
import { computeAbsence, findEndUs, computePresence } from './presence.ts'
import type { Span } from './presence.ts'

/** A pod's life, and when a new connection to the Service could be sent to it. */
export interface PodTrace {
  life: PodTimeline
  routableSpans: Span[]
  /** When the Service contained it by its proxy's rules; if these are not reported, when it may have. */
  programmedSpans: Span[]
  /**
   * From when on it is known to serve: when the first request was sent that it answered well on a fresh connection. If answers do not name
   * their pods, it is assumed to serve soon after it was ready. `null` if it never was.
   */
  provenUs: number | null
  /** When the last request was sent that it answered well on a fresh connection; `null` without one. */
  lastFreshSentUs: number | null
}

/**
 * How long a node may send new connections to a pod whose endpoint is gone, if its proxy does not report it. On a small kind cluster well
 * under 1 s, with kube-proxy's default minimum sync period (1 s) and load more; KEP-3453 measured 5 s at 5,000 nodes. A larger value only
 * means that more pods cannot be ruled out.
 */
const programmingLagUs = 5_000_000
/**
 * How long that may last when no pod at all is left: after that it is as likely that the Service is empty. More than the 1.8 s measured on
 * kind with the default period.
 */
const emptyServiceLagUs = 2_000_000

/** Nodes' rules include a ready pod within this time, and its server has got its first connections. */
const provenAfterReadyUs = 1_000_000

/** In order of creation. `namesPods`: whether answers name their pods; `led`: when the kernel sent the last connection to each. */
export function tracePods(
  evidence: Evidence,
  namesPods = true,
  led: ReadonlyMap<string, number> = new Map(),
): PodTrace[] {
  const { seen, fresh, reached } = evidence
  const disruptUs = findStepUs(evidence, 'disrupt-begin') ?? Infinity
  const ready = computeReadySpans(seen.endpoints)
  const routed = computeRoutedSpans(seen.endpoints)
  const empty = computeAbsence([...routed.values()].flat())
  const programmed = computeProgrammedSpans(seen.programmed)
  const errorUs = computeProgrammingErrorUs(seen.programmed)
  const containers = Map.groupBy(seen.container, ({ pod }) => pod)
  const traces = [...Map.groupBy(seen.pod, ({ pod }) => pod.name)].map(([name, records]): PodTrace => {
    const life = buildPodLife(name, records, disruptUs)
    const answered = fresh.get(name)
    life.endpointRemovedUs = findEndUs(ready.get(name))
    life.removedFromProxyUs = findEndUs(programmed.get(name))
    life.lastFreshUs = reached.get(name) ?? null
    life.lastLedUs = led.get(name) ?? null
    life.containers = buildContainerLives(containers.get(name) ?? [], {
      deletionUs: life.deletionUs,
      graceSeconds: findGraceSeconds(records),
    })
    const told = seen.programmed.length > 0
    const reach = told
      ? widenSpans(programmed.get(name), errorUs)
      : extendByProgrammingLag(routed.get(name), life.goneUs, empty)
    const readyLongUs = life.readyUs === null ? null : life.readyUs + provenAfterReadyUs
    const provenUs = namesPods ? (answered?.firstSentUs ?? null) : readyLongUs
    const lastFreshSentUs = answered?.lastSentUs ?? null
    const chosen = told ? (programmed.get(name) ?? []) : reach
    return { life, routableSpans: reach, programmedSpans: chosen, provenUs, lastFreshSentUs }
  })
  return traces.sort((a, b) => (a.life.createdUs ?? 0) - (b.life.createdUs ?? 0) || (a.life.pod < b.life.pod ? -1 : 1))
}

/**
 * When the rules of a node may have been those of a Service without pods: if its proxy does not report them, from the empty slice until
 * they must include the next one.
 */
export function findSpansWithoutPods(evidence: Evidence): SpanWithoutPods[] {
  const { seen } = evidence
  const told = seen.programmed.length > 0
  const spans = told ? computeProgrammedSpans(seen.programmed) : computeRoutedSpans(seen.endpoints)
  const errorUs = computeProgrammingErrorUs(seen.programmed)
  const lateUs = told ? errorUs : emptyServiceLagUs
  const empty = computeAbsence([...spans.values()].flat())
  const widest = empty.map(({ fromUs, toUs }) => ({ fromUs: fromUs - errorUs, toUs: toUs + lateUs }))
  return narrowSpansWithoutPods(widest, evidence)
}

function buildPodLife(pod: string, records: readonly RecordOf<'pod'>[], disruptUs: number): PodTimeline {
  const findFirstUs = (keep: (record: RecordOf<'pod'>) => boolean): number | null => records.find(keep)?.t ?? null
  const goneUs = findFirstUs(({ change }) => change === 'deleted')
  const createdUs = findFirstUs(({ change }) => change !== 'deleted')
  const deletionUs = findFirstUs((record) => record.pod.terminating || record.change === 'deleted')
  return {
    pod,
    node: records.findLast((record) => record.pod.node !== null)?.pod.node ?? null,
    old: createdUs !== null && createdUs < disruptUs && (deletionUs === null || deletionUs >= disruptUs),
    createdUs,
    readyUs: findFirstUs((record) => record.change !== 'deleted' && record.pod.ready),
    deletionUs,
    endpointRemovedUs: null,
    removedFromProxyUs: null,
    goneUs,
    lastFreshUs: null,
    lastLedUs: null,
    containers: [],
  }
}

/** The grace period that the deletion gave it. */
function findGraceSeconds(records: readonly RecordOf<'pod'>[]): number | null {
  return records.find(({ pod }) => pod.terminating)?.pod.graceSeconds ?? null
}

/** When each pod was a ready endpoint. */
export function computeReadySpans(records: readonly RecordOf<'endpoints'>[]): Map<string, Span[]> {
  return computePresence(
    records.map(({ t, slice, service, endpoints }) => ({
      atUs: t,
      part: `${service}/${slice}`,
      pods: endpoints.filter((endpoint) => endpoint.ready).map(({ pod }) => pod),
    })),
  )
}

/**
 * When a Service's proxy sends new connections to each pod: while it is ready or, if no pod is ready, while it terminates and still serves.
 * KEP-1669, https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-to-terminating-endpoints
 */
function computeRoutedSpans(records: readonly RecordOf<'endpoints'>[]): Map<string, Span[]> {
  const services = new Map<string, Map<string, readonly EndpointSnapshot[]>>()
  const changes = records.map(({ t, slice, service, endpoints }) => {
    const slices = services.get(service) ?? new Map<string, readonly EndpointSnapshot[]>()
    services.set(service, slices.set(slice, endpoints))
    return { atUs: t, part: service, pods: listRoutedPods([...slices.values()].flat()) }
  })
  return computePresence(changes)
}

function listRoutedPods(endpoints: readonly EndpointSnapshot[]): string[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  const used = ready.length > 0 ? ready : endpoints.filter(({ serving, terminating }) => serving && terminating)
  return used.map(({ pod }) => pod)
}

function computeProgrammedSpans(records: readonly RecordOf<'programmed'>[]): Map<string, Span[]> {
  const changes = records.map(({ at, service, pods }) => ({ atUs: at, part: service, pods }))
  return computePresence(changes.sort((a, b) => a.atUs - b.atUs))
}

/** The error of the proxy's own report: it comes just after the rules were written. */
export const programmingErrorUs = 10_000

/** On a busy machine a proxy may take longer to write them, and reports that. */
export function computeProgrammingErrorUs(records: readonly RecordOf<'programmed'>[]): number {
  return records.reduce((most, { errorUs }) => Math.max(most, errorUs), programmingErrorUs)
}

function widenSpans(spans: readonly Span[] = [], errorUs: number): Span[] {
  return spans.map(({ fromUs, toUs }) => ({ fromUs: fromUs - errorUs, toUs: toUs + errorUs }))
}

function extendByProgrammingLag(spans: readonly Span[] = [], goneUs: number | null, empty: readonly Span[]): Span[] {
  return spans.map(({ fromUs, toUs }) => {
    const endUs = toUs === Infinity ? (goneUs ?? Infinity) : toUs
    const emptied = empty.find((span) => span.fromUs >= endUs && span.toUs - span.fromUs >= emptyServiceLagUs)
    return { fromUs, toUs: Math.min(endUs + programmingLagUs, (emptied?.fromUs ?? Infinity) + emptyServiceLagUs) }
  })
}
