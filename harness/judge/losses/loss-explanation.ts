/** The explanation of one lost request, in sentences and as a table. Also runs in the browser, but uses nothing of it. */
import type { LostBy, StopFault } from '../../model/loss.ts'
import type { Loss, PodMoment, Observation } from '../../model/result.ts'
import type { ServedFate, PodAccessLogEntry } from '../../model/server-logs.ts'
import { nameClients } from '../../model/tools/retrying-clients.ts'
import { formatCount, formatDuration, formatList } from '../../base/figures.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'
import { getOutcomeLook } from '../timeline/outcome-looks.ts'
import { formatRequestName } from './payload.ts'
import { attributionMeanings, listFacts, originMeanings } from './loss-facts.ts'
import type { Fact } from './loss-facts.ts'

export interface LossExplanation {
  title: string
  sentences: string[]
  facts: Fact[]
}

/** The phrase for the instant before "… after" a moment in a pod's life. */
const lossPhrases: Record<LostBy, string> = {
  failure: 'It failed',
  'first-byte': 'Its answer began',
  'last-syn': 'It was refused',
  'first-syn': 'Its first SYN, which was never answered, was sent',
  'answer-due': 'An answer would have been there',
}

/** A moment in a pod's life, as the end of "… after"; `who` is its container. */
const momentPhrases: Record<PodMoment, (who: string, detail: string | null) => string> = {
  created: () => 'the pod was created',
  ready: () => 'the pod became ready',
  deletion: () => 'the deletion of the pod was accepted',
  'endpoint-removed': () => 'the endpoint of the pod was removed',
  'removed-from-proxy': () => 'the node stopped sending new connections to the pod',
  gone: () => 'the pod was gone',
  started: (who) => `${who} started`,
  stopping: (who) => `the kubelet began to stop ${who}`,
  'hook-began': (who) => `the preStop hook of ${who} began`,
  'hook-ended': (who) => `the preStop hook of ${who} ended`,
  'hook-failed': (who) => `the preStop hook of ${who} failed`,
  signal: (who, detail) => `${who} was sent ${detail ?? 'its stop signal'}`,
  'stopped-accepting': (who) => `${who} stopped accepting connections`,
  exited: (who) => `${who} exited`,
  unhealthy: (who) => `a probe of ${who} failed`,
}

/** Explains what is known about a lost request, and from which evidence. */
export function explainLoss(loss: Loss, scale: TimeScale): LossExplanation {
  return {
    title: `Request ${formatRequestName(loss.request)}: ${loss.outcome}`,
    sentences: [
      formatWhat(loss),
      formatWhen(loss, scale),
      formatWhere(loss),
      formatOrigin(loss),
      formatWhy(loss),
      formatStop(loss),
      formatServed(loss),
      formatRetry(loss),
    ].filter(Boolean),
    facts: listFacts(loss, scale),
  }
}

function formatWhat({ request, outcome }: Loss): string {
  const status = request.status === null ? '' : ` (status ${request.status})`
  return `The request ${getOutcomeLook(outcome).says}${status}.`
}

function formatWhen({ request, phase }: Loss, scale: TimeScale): string {
  const offset = request.dueUs - scale.originUs
  const reference = scale.fromDisruption ? 'the disruption began' : 'the log began'
  const due = `It was due ${formatDuration(Math.abs(offset))} ${offset < 0 ? 'before' : 'after'} ${reference}`
  const inPhase = phase === null ? '' : `, in the phase “${phase}”`
  const sent = request.sentUs === null ? '' : `, was sent ${formatDuration(request.sentUs - request.dueUs)} later`
  const failed =
    request.sentUs === null ? '' : ` and failed ${formatDuration(request.settledUs - request.sentUs)} after that`
  return `${due}${inPhase}${sent}${failed}.`
}

function formatWhere({ request, pod, attributedBy, candidates, podless }: Loss): string {
  const connection =
    request.use > 1
      ? `It was request number ${formatCount(request.use)} on a kept connection that had been idle for ${formatDuration(request.idleUs)}.`
      : 'It was the first request on its connection.'
  if (pod === null) {
    const none = podless === 'certain' ? 'The Service had no pod to send it to.' : 'It cannot be tied to any pod.'
    return `${connection} ${none}`
  }
  if (attributedBy !== null) return `${connection} It belonged to pod ${pod}: ${attributionMeanings[attributedBy]}.`
  const others = candidates.length > 1 ? `, but ${formatList(candidates)} cannot be distinguished` : ''
  const none = podless === null ? '' : ', or to none, as the Service may have had no pod'
  return `${connection} It most likely belonged to pod ${pod}${others}${none}.`
}

function formatOrigin({ origin }: Loss): string {
  return origin === null ? '' : `It was failed by ${originMeanings[origin]}.`
}

function formatWhy(loss: Loss): string {
  const { moment } = loss
  const since = [
    formatSince(loss.sinceDeletionUs, formatObservation(loss.sinceDeletionUs, 'deletion'), moment?.name === 'deletion'),
    formatSince(
      loss.sinceEndpointRemovedUs,
      formatObservation(loss.sinceEndpointRemovedUs, 'endpoint'),
      moment?.name === 'endpoint-removed',
    ),
    formatSince(loss.sinceSignalUs, loss.stop?.signal ?? 'the stop signal', moment?.name === 'signal'),
  ].filter(Boolean)
  if (moment === null) return since.length === 0 ? '' : `${lossPhrases[loss.lostBy]} ${formatList(since)}.`
  const last = `${lossPhrases[loss.lostBy]} ${formatDuration(moment.sinceUs)} after ${formatMomentPhrase(moment)}`
  return since.length === 0 ? `${last}.` : `${last}; that was ${formatList(since)}.`
}

/** What happened, with the source unless that is the cluster itself. */
function formatMomentPhrase(moment: NonNullable<Loss['moment']>): string {
  const who = moment.container ?? 'the container'
  const received = moment.name === 'signal' && moment.source === 'log'
  const what = received
    ? `${who} received ${moment.detail ?? 'its stop signal'}`
    : momentPhrases[moment.name](who, moment.detail)
  return `${what}${sourcePhrases[moment.source](moment)}`
}

const sourcePhrases: Record<Observation['source'], (observation: Observation) => string> = {
  watch: () => '',
  kubelet: () => '',
  log: ({ errorUs }) => ` (its log, ±${formatDuration(errorUs)})`,
  event: ({ errorUs }) => ` (an Event, ±${formatDuration(errorUs)})`,
  status: ({ errorUs }) => ` (the pod’s status, ±${formatDuration(errorUs)})`,
}

/** A watch reports a change later than it happens. */
function formatObservation(us: number | null, what: 'deletion' | 'endpoint'): string {
  const early = us !== null && us < 0
  if (what === 'deletion') return early ? 'the news of the pod’s deletion' : 'the deletion of the pod'
  return early ? 'the news that its endpoint was removed' : 'its endpoint was removed'
}

function formatSince(us: number | null, what: string, alreadySaid: boolean): string {
  if (us === null || alreadySaid) return ''
  return `${formatDuration(Math.abs(us))} ${us < 0 ? 'before' : 'after'} ${what}`
}

/** Whether the request came before its server was stopped, and what went wrong with the stop. */
function formatStop(loss: Loss): string {
  const { stop } = loss
  if (stop === null) return ''
  const faults = stop.faults.map((fault) => faultPhrases[fault.kind](stop.container, fault as never))
  return [formatOrder(loss, stop), ...faults].filter(Boolean).join(' ')
}

function formatOrder({ request, outcome, lostUs }: Loss, stop: NonNullable<Loss['stop']>): string {
  const { container, signal, signalUs, exitedUs } = stop
  const { connectedUs: writtenUs } = request
  if (writtenUs === null) return ''
  const [what, stoppedUs] =
    outcome === 'http-5xx' && exitedUs !== null && exitedUs <= writtenUs
      ? ['had exited', exitedUs]
      : [signalUs === null ? 'exited' : `was sent ${signal ?? 'its stop signal'}`, signalUs ?? exitedUs]
  if (stoppedUs === null || stoppedUs > lostUs) return ''
  if (writtenUs < stoppedUs) return `It was under way when ${container} ${what}.`
  if (outcome !== 'http-5xx') return ''
  return `It was sent ${formatDuration(writtenUs - stoppedUs)} after ${container} ${what}, while the pod still answered.`
}

const faultPhrases: { [K in StopFault['kind']]: (who: string, fault: Extract<StopFault, { kind: K }>) => string } = {
  'hook-failed': (who, { detail }) => {
    const why = detail === null ? '' : /^\d+$/.test(detail) ? ` (exit code ${detail})` : ` (${detail})`
    return `The preStop hook of ${who} had failed${why}: the stop signal followed at once.`
  },
  'hook-outlasted-grace': (who, { graceSeconds }) =>
    `The preStop hook of ${who} still ran when its grace period of ${graceSeconds} s was used up: the stop signal came then, and 2 s were left.`,
  'outlived-signal': (who, { signal, graceSeconds }) =>
    `${who} had not ended on ${signal ?? 'its stop signal'} when its grace period of ${graceSeconds} s was used up, and was killed. ` +
    'PID 1 of a container ignores a signal for which it has no handler, and a shell passes none on.',
}

const fatePhrases: Record<ServedFate, (lines: readonly PodAccessLogEntry[]) => string> = {
  answered: (lines) => `${formatList(lines.map(formatServedLine))}: the answer was lost on its way.`,
  failed: (lines) => `${formatList(lines.map(formatServedLine))}.`,
  worked: (lines) =>
    `${formatList(lines.map(formatServedLine))}: the work was done, but what stood before it never passed the answer on.`,
  'never-seen': () => 'No server has seen it: it is in none of their logs, which were read to their end.',
  untold: () =>
    'No server’s log has it, which proves nothing: a log was not read to its end, or its server ended with requests in hand, which it never logs.',
}

function formatServedLine({ container, pod, status, tookUs, upstream, whole }: PodAccessLogEntry): string {
  const others = upstream === null ? '' : upstream === '' ? ', asking no upstream' : `, its upstreams ${upstream}`
  const cut = whole ? '' : ', not sent as a whole'
  return `${container} of ${pod} logged status ${status} after ${formatDuration(tookUs)}${others}${cut}`
}

function formatServed({ served }: Loss): string {
  return served === null ? '' : fatePhrases[served.fate](served.lines)
}

function formatRetry({ retriedBy }: Loss): string {
  return retriedBy.length === 0
    ? 'None of the clients and proxies whose rules are known would have sent it again.'
    : `By their own rules ${formatList(nameClients(retriedBy))} would have sent it again; other clients tell of it.`
}
