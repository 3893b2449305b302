/** The servers' own logs agree with what the clients saw. */
import type { ServerLogFindings } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'
import { countOkButFailedByLog } from '../servers/served-join.ts'
import { computeServedLags } from '../servers/served-lag.ts'
import { formatDuration, formatList, formatPlural } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'
import { isImpossible } from './losses-caused.ts'

export const serversAgree: Claim = {
  name: 'servers-agree',
  says: 'The servers’ own logs agree with what the clients saw',
  evidence:
    '`served` and `log-read` of every container that ran, joined with the requests by their ids; how long each server had them',
  tolerance:
    'none where a log was read to its end, and every container that ran has one; lines of a server that ended just then may be missing, and a log that was not read to its end proves nothing either way; a server has a request no longer than its client waits, but for 50 ms in the median',
  conclusions: ['none-lost', 'how-many', 'whose'],
  disturbance: false,
  check: (run) => {
    const { servers, evidence } = run
    if (servers === null) {
      const lines = listSilentLogs(evidence)
      return toClaimCheck([...lines, findUnreadLogs(run)], [createFigure('logs with requests', 'count', 0)])
    }
    const { answered, unread, unseen, repeated, elsewhere, unexplained, missingLines } = servers
    return toClaimCheck(listProblems(run, servers), [
      createFigure('answered, and once in a log', 'count', answered),
      createFigure('answered, and not in a log that may lack it', 'count', unread),
      createFigure('answered, and in no log', 'count', unseen, 0),
      createFigure('in logs more than once', 'count', repeated, 0),
      createFigure('in another pod’s log', 'count', elsewhere, 0),
      createFigure('in a log, and never sent', 'count', unexplained, 0),
      createFigure('lines missing', 'count', missingLines, 0),
    ])
  },
}

function listProblems(run: ClaimInput, servers: ServerLogFindings): (string | null)[] {
  const { unseen, repeated, elsewhere, unexplained, missingLines } = servers
  const unheard = listSilentPods(run, servers)
  const failed = countOkButFailedByLog(run.evidence, run.plan.workload.containers.front)
  const impossible = run.losses.filter(isImpossible).length
  return [
    unseen === 0
      ? null
      : `${formatWere(unseen, 'request')} answered well, and no server saw ${unseen === 1 ? 'it' : 'them'} by its log, which was read to its end`,
    repeated === 0
      ? null
      : `the servers saw ${formatPlural(repeated, 'request')} more than once: something on the way sends again`,
    elsewhere === 0
      ? null
      : `${formatWere(elsewhere, 'request')} answered by one pod, and ${elsewhere === 1 ? 'is' : 'are'} in the log of another`,
    unexplained === 0 ? null : `the servers’ logs have ${formatPlural(unexplained, 'request')} that no client sent`,
    missingLines === 0
      ? null
      : `${formatPlural(missingLines, 'line')} of the servers’ logs ${missingLines === 1 ? 'is' : 'are'} missing or too many in the event log`,
    failed === 0
      ? null
      : `${formatWere(failed, 'request')} answered well, and failed by the log of the server that answered`,
    impossible === 0
      ? null
      : `${formatPlural(impossible, 'request')} ${impossible === 1 ? 'is' : 'are'} in the servers’ logs, and for the client no connection came about`,
    findExcessiveServiceTime(run.evidence),
    findUnreadLogs(run),
    unheard.length === 0 ? null : `the log of ${formatList(unheard)} was never read, while others’ were`,
  ]
}

/** A server that waits for a processor between its last byte and its line includes the wait in its own time. */
const maxExcessUs = 50_000

/** A client waits at least as long as its server has the request, plus the way. */
function findExcessiveServiceTime(evidence: Evidence): string | null {
  const longest = computeServedLags(evidence).reduce((most, lag) => Math.max(most, lag.longerUs), 0)
  return longest <= maxExcessUs
    ? null
    : `half of the answers of a server came ${formatDuration(longest)} sooner than it had them ready by its own log`
}

/** Pods that answered but whose logs were not read, though others were. */
function listSilentPods({ evidence }: ClaimInput, { logs }: ServerLogFindings): string[] {
  const read = new Set(logs.map(({ pod }) => pod))
  return [...evidence.answered.keys()].filter((pod) => !read.has(pod)).sort()
}

/** Containers whose logs were to be read, but for which it is unknown how far they were. */
function findUnreadLogs({ plan, evidence: { seen } }: ClaimInput): string | null {
  const { logs } = plan.workload.containers
  const read = new Set(seen['log-read'].map((one) => formatLogName(one.pod, one.container)))
  const ran = new Set(
    seen.pod.flatMap(({ pod }) =>
      pod.containers.flatMap(({ name, state }) =>
        state === 'waiting' || logs?.includes(name) === false ? [] : [formatLogName(pod.name, name)],
      ),
    ),
  )
  const unread = [...ran].filter((name) => !read.has(name)).sort()
  return unread.length === 0 ? null : `the log of ${formatList(unread)} was never read, though it ran`
}

const formatLogName = (pod: string, container: string): string => `${container} in ${pod}`

/** Without a line in any log there is nothing to compare, unless a log had lines earlier. */
function listSilentLogs({ seen }: Evidence): (string | null)[] {
  const lines = seen['log-read'].reduce((sum, { requests }) => sum + (requests ?? 0), 0)
  return [lines === 0 ? null : `${formatPlural(lines, 'line')} of the servers’ logs are missing in the event log`]
}

function formatWere(count: number, noun: string): string {
  return `${formatPlural(count, noun)} ${count === 1 ? 'was' : 'were'}`
}
