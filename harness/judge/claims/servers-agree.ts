/** What the servers' own logs say of the requests agrees with what the clients saw. */
import type { ServersSaw } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'
import { failedByLog } from '../servers/served-join.ts'
import { servedLags } from '../servers/served-lag.ts'
import { duration, listed, plural } from '../figures/wording.ts'
import type { Case, Claim } from './claim.ts'
import { figure, finding } from './claim.ts'
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
  hold: (run) => {
    const { servers, evidence } = run
    if (servers === null) {
      const lines = wordless(evidence)
      return finding([...lines, unreadSays(evidence)], [figure('logs with requests', 'count', 0)])
    }
    const { answered, unread, unseen, repeated, elsewhere, unexplained, missingLines } = servers
    return finding(complaintsOf(run, servers), [
      figure('answered, and once in a log', 'count', answered),
      figure('answered, and not in a log that may lack it', 'count', unread),
      figure('answered, and in no log', 'count', unseen, 0),
      figure('in logs more than once', 'count', repeated, 0),
      figure('in another pod’s log', 'count', elsewhere, 0),
      figure('in a log, and never sent', 'count', unexplained, 0),
      figure('lines missing', 'count', missingLines, 0),
    ])
  },
}

function complaintsOf(run: Case, servers: ServersSaw): (string | null)[] {
  const { unseen, repeated, elsewhere, unexplained, missingLines } = servers
  const unheard = unheardOf(run, servers)
  const failed = failedByLog(run.evidence)
  const impossible = run.losses.filter(isImpossible).length
  return [
    unseen === 0
      ? null
      : `${were(unseen, 'request')} answered well, and no server saw ${unseen === 1 ? 'it' : 'them'} by its log, which was read to its end`,
    repeated === 0
      ? null
      : `the servers saw ${plural(repeated, 'request')} more than once: something on the way sends again`,
    elsewhere === 0
      ? null
      : `${were(elsewhere, 'request')} answered by one pod, and ${elsewhere === 1 ? 'is' : 'are'} in the log of another`,
    unexplained === 0 ? null : `the servers’ logs have ${plural(unexplained, 'request')} that no client sent`,
    missingLines === 0
      ? null
      : `${plural(missingLines, 'line')} of the servers’ logs ${missingLines === 1 ? 'is' : 'are'} missing or too many in the event log`,
    failed === 0 ? null : `${were(failed, 'request')} answered well, and failed by the log of the server that answered`,
    impossible === 0
      ? null
      : `${plural(impossible, 'request')} ${impossible === 1 ? 'is' : 'are'} in the servers’ logs, and for the client no connection came about`,
    longerSays(run.evidence),
    unreadSays(run.evidence),
    unheard.length === 0 ? null : `the log of ${listed(unheard)} was never read, while others’ were`,
  ]
}

/** A server that waits for a processor between its last byte and its line takes it for its own time. */
const longerUs = 50_000

/** A client waits for as long as the server that it talks to has its request, and for the way. */
function longerSays(evidence: Evidence): string | null {
  const longest = servedLags(evidence).reduce((most, lag) => Math.max(most, lag.longerUs), 0)
  return longest <= longerUs
    ? null
    : `half of the answers of a server came ${duration(longest)} sooner than it had them ready by its own log`
}

/** Pods that answered, and of which no log was read, though of others one was. */
function unheardOf({ evidence }: Case, { logs }: ServersSaw): string[] {
  const read = new Set(logs.map(({ pod }) => pod))
  return [...evidence.answered.keys()].filter((pod) => !read.has(pod)).sort()
}

/** Containers that ran, and of which it is not known how far their log was read. */
function unreadSays({ seen }: Evidence): string | null {
  const read = new Set(seen['log-read'].map((one) => logName(one.pod, one.container)))
  const ran = new Set(
    seen.pod.flatMap(({ pod }) =>
      pod.containers.flatMap(({ name, state }) => (state === 'waiting' ? [] : [logName(pod.name, name)])),
    ),
  )
  const unread = [...ran].filter((name) => !read.has(name)).sort()
  return unread.length === 0 ? null : `the log of ${listed(unread)} was never read, though it ran`
}

const logName = (pod: string, container: string): string => `${container} in ${pod}`

/** Without a line in any log there is nothing to agree with, unless a log had lines once. */
function wordless({ seen }: Evidence): (string | null)[] {
  const lines = seen['log-read'].reduce((sum, { requests }) => sum + (requests ?? 0), 0)
  return [lines === 0 ? null : `${plural(lines, 'line')} of the servers’ logs are missing in the event log`]
}

function were(count: number, noun: string): string {
  return `${plural(count, noun)} ${count === 1 ? 'was' : 'were'}`
}
