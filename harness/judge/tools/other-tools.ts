/** Tools with their own HTTP clients: autocannon, oha, wrk, ab, and a loop over curl. */
import { formatCount, formatPercent, formatPlural } from '../../base/figures.ts'
import type { Outcome } from '../../model/record.ts'
import { isAnswered, isErrorStatus, isSuccess } from './sent-request.ts'
import type { SentRequest } from './sent-request.ts'
import { errorNumbers, exitsWithZero, good, listTold, noThreshold, tellError, untold } from './tool-rule.ts'
import type { ToolCounts, ToolRule, Told } from './tool-rule.ts'

/**
 * autocannon 9.0.0, lib/:
 * - A complete answer counts by its status (httpClient.js `kOnMessageComplete`, run.js `onResponse`); even if it answers another request.
 * - An error of the socket counts (httpClient.js `conn.on('error')`), and so does a time limit (`handleTimeout`, run.js `onTimeout`).
 * - The end of a connection is not counted, even with a request in flight (httpClient.js `conn.on('end')`): an answer that only the end
 *   completes is never complete.
 * - An invalid answer is not counted: the parser returns its error, and `conn.on('data')` ignores it.
 * - Requests in flight at the end are not counted (`destroy`).
 */
function judgeByAutocannon(request: SentRequest): Told {
  const { outcome, status } = request
  if (isAnswered(request)) return status === null || isSuccess(request) ? good : tellError('non 2xx')
  const uncounted = ['closed-before-response', 'truncated', 'protocol-error', 'in-flight']
  return uncounted.includes(outcome) ? untold : tellError('errors')
}

const ohaDeadline = 'aborted due to deadline'
/** The error texts of hyper and the system (hyper 1.11, src/error.rs `description`). */
const ohaErrors: Partial<Record<Outcome, string>> = {
  refused: 'Connection refused (os error 111)',
  unreachable: 'No route to host (os error 113)',
  'connect-timeout': 'timeout',
  'closed-before-response': 'connection closed before message completed',
  truncated: 'error reading a body from connection',
  'reset-in-body': 'error reading a body from connection',
  'protocol-error': 'invalid HTTP version parsed',
  'timeout-headers': ohaDeadline,
  'timeout-body': ohaDeadline,
}

/**
 * oha 1.16, src/result_data.rs `success_rate`: every answer is a success, even a 502; its statuses are listed, and requests that the
 * deadline aborts are left out. src/client.rs `work_http1` reads bodies, so an answer that is cut is an error. Its only time limit is for
 * connecting: a request without an answer ends with the test.
 */
function judgeByOha(request: SentRequest): Told {
  const { outcome, status } = request
  if (outcome === 'in-flight') return untold
  if (isAnswered(request)) return isErrorStatus(request) ? tellError(`[${status}]`) : good
  return tellError(ohaErrors[outcome] ?? 'connection error')
}

/**
 * wrk 4.1, src/wrk.c: `socket_readable` counts a read error for an end or a RST before an answer is complete, and for an invalid answer;
 * `socket_connected` does not check whether the connection was made, so a refusal is a read or write error; `response_complete` counts
 * statuses over 399. A time limit is counted when the late answer comes, so a request without any answer is never counted.
 */
function judgeByWrk(request: SentRequest): Told {
  const { outcome } = request
  if (isAnswered(request)) return isErrorStatus(request) ? tellError('Non-2xx or 3xx responses') : good
  if (outcome.startsWith('timeout-') || outcome === 'in-flight') return untold
  return tellError(outcome === 'connect-timeout' ? 'connect' : 'read')
}

/**
 * ab 2.3 of Apache 2.4.71, support/ab.c `read_connection`: an end completes an answer, whose length then differs from that of the first one
 * (`close_connection`); a status that is not 2xx is reported, and mostly as a different length too.
 */
function judgeByAb(request: SentRequest): Told {
  const { outcome, status } = request
  if (status !== null && !isSuccess(request) && (isAnswered(request) || outcome === 'truncated')) {
    return tellError('Non-2xx', 'Length')
  }
  if (isAnswered(request)) return good
  if (outcome === 'closed-before-response' || outcome === 'truncated') return tellError('Length')
  if (outcome === 'protocol-error') return tellError('Non-2xx', 'Length')
  return outcome === 'in-flight' ? untold : tellError('stopped')
}

/**
 * Without -r it exits at the first socket error (`apr_err`) with its errno, and after 30 s without an event with the low byte of 70007; it
 * then prints no result.
 */
function findAbExit(request: SentRequest): number | null {
  return findAbKeptExit(request) ?? errorNumbers[request.outcome] ?? null
}

function findAbKeptExit({ outcome }: SentRequest): number | null {
  return outcome.startsWith('timeout-') || outcome === 'connect-timeout' ? 119 : null
}

/** With -r a socket error is counted under several names; every other refusal is an exception as well. */
function judgeByAbKept(request: SentRequest): Told {
  const { outcome } = request
  if (outcome === 'refused' || outcome === 'unreachable') return tellError('Receive')
  if (outcome.startsWith('reset-')) return tellError('Receive', 'Length', 'Exceptions')
  return judgeByAb(request)
}

/** The loop prints `%{http_code}`, which is 000 without a status; the exit code of curl is ignored. It has no time limit. */
function judgeByCurl(request: SentRequest): Told {
  const { outcome, status } = request
  if (outcome.startsWith('timeout-') || outcome === 'in-flight') return untold
  if (status === null) return tellError('000')
  return isErrorStatus(request) ? tellError(String(status)) : good
}

function sumTold({ told }: Pick<ToolCounts, 'told'>): number {
  return Object.values(told).reduce((sum, times) => sum + times, 0)
}

export const otherTools: readonly ToolRule[] = [
  {
    tool: 'autocannon',
    command: 'autocannon -c 10 -d 30',
    keeps: true,
    judge: judgeByAutocannon,
    endedByClose: 'untold',
    exit: exitsWithZero,
    says: ({ told }) => {
      const statuses = told['non 2xx'] ?? 0
      const errors = told['errors'] ?? 0
      const words = statuses > 0 ? [`${formatCount(statuses)} non 2xx`] : []
      return (errors > 0 || statuses === 0 ? [formatPlural(errors, 'error'), ...words] : words).join(', ')
    },
    threshold: noThreshold,
    beyond:
      'it writes on connections that the server has said it would close, and counts what becomes of that; after a lost answer it takes the next one for it',
  },
  {
    tool: 'oha',
    command: 'oha -z 30s -c 10',
    keeps: true,
    judge: judgeByOha,
    exit: exitsWithZero,
    says: ({ told, sent, untold: uncounted, errors }) => {
      const statuses = Object.entries(told).reduce((sum, [name, n]) => sum + (name.startsWith('[') ? n : 0), 0)
      const aborted = told[ohaDeadline] ?? 0
      const counted = sent - uncounted - aborted
      return [`Success rate ${formatPercent(counted - (errors - aborted - statuses), counted)}`, listTold({ told })]
        .filter(Boolean)
        .join('; ')
    },
    threshold: noThreshold,
    beyond: 'one “aborted due to deadline” for each connection, at the end of every run',
  },
  {
    tool: 'wrk',
    command: 'wrk -t2 -c10 -d30s',
    keeps: true,
    judge: judgeByWrk,
    exit: exitsWithZero,
    says: ({ told }) => {
      const statuses = told['Non-2xx or 3xx responses'] ?? 0
      const [read, connect] = [told['read'] ?? 0, told['connect'] ?? 0]
      const sockets = read + connect > 0 ? [`Socket errors: connect ${connect}, read ${formatCount(read)}`] : []
      const words = statuses > 0 ? [...sockets, `Non-2xx or 3xx responses: ${formatCount(statuses)}`] : sockets
      return words.join('; ') || 'no errors'
    },
    threshold: noThreshold,
    beyond:
      'a refusal is tried again at once, so a refused second counts thousands of times; it is told as read or write',
  },
  {
    tool: 'ab',
    command: 'ab -t 30 -c 10',
    keeps: false,
    judge: judgeByAb,
    givesUp: findAbExit,
    exit: exitsWithZero,
    says: (counts) => `Failed requests: ${formatCount(counts.told['Length'] ?? 0)}`,
    threshold: 'none; it ends at the first refusal or reset, by its errno and without a result',
    beyond: 'without -l an answer of another length than the first is “failed”',
  },
  {
    tool: 'ab -k -r',
    command: 'ab -t 30 -c 10 -k -r',
    keeps: true,
    judge: judgeByAbKept,
    givesUp: findAbKeptExit,
    exit: exitsWithZero,
    says: (counts) => `Failed requests: ${formatCount(sumTold(counts) - (counts.told['Non-2xx'] ?? 0))}`,
    threshold: noThreshold,
    beyond: 'a reset counts up to three times; without -l an answer of another length than the first is “failed”',
  },
  {
    tool: 'curl',
    command: 'while curl -s -o /dev/null -w "%{http_code}"; sleep 0.1',
    keeps: false,
    judge: judgeByCurl,
    exit: exitsWithZero,
    says: (counts) => listTold(counts) || 'all 200',
    threshold: 'none: a loop has no exit code of its requests',
    beyond: 'four requests a second, each on a new connection',
  },
]
