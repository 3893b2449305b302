/** The outcome of each lost request at the servers, by their own logs. */
import type { RequestRecord } from '../../model/record.ts'
import type { Loss, PodTimeline } from '../../model/result.ts'
import type { ServedFate, PodAccessLogEntry } from '../../model/server-logs.ts'
import { toRequestKey } from '../facts/request-key.ts'
import type { ServedTable } from './served-table.ts'
import type { ServerLogs } from './server-logs.ts'

interface ServerEvidence {
  logs: ServerLogs | null
  pods: readonly PodTimeline[]
  served: ServedTable
}

/** The losses with their entries in the logs. */
export function addServedFates(losses: readonly Loss[], logged: ServerEvidence): Loss[] {
  const { logs, served } = logged
  if (logs === null) return [...losses]
  const lines = collectLinesOfLosses(losses, served)
  return losses.map((loss) => {
    const own = lines.get(toRequestKey(loss.request.driver, loss.request.seq)) ?? []
    return { ...loss, served: { fate: determineFate(loss, own, { ...logged, logs }), lines: own } }
  })
}

function collectLinesOfLosses(losses: readonly Loss[], served: ServedTable): Map<number, PodAccessLogEntry[]> {
  const lines = new Map(
    losses.map(({ request }) => [toRequestKey(request.driver, request.seq), [] as PodAccessLogEntry[]]),
  )
  for (let index = 0; index < served.size; index++) lines.get(served.key(index))?.push(served.line(index))
  for (const own of lines.values()) own.sort((a, b) => a.atUs - b.atUs)
  return lines
}

function determineFate(
  loss: Loss,
  lines: readonly PodAccessLogEntry[],
  logged: ServerEvidence & { logs: ServerLogs },
): ServedFate {
  const inFront = lines.filter(({ role }) => role === logged.logs.front)
  if (inFront.some(({ status, whole }) => status < 400 && whole)) return 'answered'
  if (inFront.length > 0) return 'failed'
  if (lines.length > 0) return 'worked'
  return isNeverSeen(loss, logged) ? 'never-seen' : 'untold'
}

/**
 * A request that is in no log was at no server, provided that the log of every server that clients talk to was read to its end, and none of
 * these ended with requests in progress, which it never logs.
 */
function isNeverSeen(
  loss: Loss,
  { logs: { logs, frontContainers }, pods }: ServerEvidence & { logs: ServerLogs },
): boolean {
  const suspects = loss.pod === null ? null : new Set([loss.pod, ...loss.candidates])
  const lives = pods.filter(({ pod }) => suspects === null || suspects.has(pod))
  const isLogComplete = ({ pod }: PodTimeline): boolean => {
    const own = logs.filter((log) => log.pod === pod && frontContainers.has(log.container))
    return own.length > 0 && own.every(({ complete }) => complete)
  }
  if (lives.length === 0 || !lives.every(isLogComplete)) return false
  return loss.request.connectedUs === null || !lives.some((life) => mayHaveDropped(life, loss.request, frontContainers))
}

/** A client may notice a little later that its connection is gone. */
const noticeUs = 1_000_000

/** Whether a server of the pod ended while it may have had the request, or it is unknown when the servers of a deleted pod ended. */
function mayHaveDropped(life: PodTimeline, request: RequestRecord, frontContainers: ReadonlySet<string>): boolean {
  const { sentUs, settledUs } = request
  const exits = life.containers
    .filter(({ name }) => frontContainers.has(name))
    .flatMap(({ moments }) => moments.filter(({ moment }) => moment === 'exited'))
  if (exits.length === 0) return life.deletionUs !== null && life.deletionUs <= settledUs
  return exits.some(
    ({ atUs, errorUs }) => atUs + errorUs + noticeUs >= (sentUs ?? 0) && atUs - errorUs <= settledUs + noticeUs,
  )
}
