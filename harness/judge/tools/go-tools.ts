/** Tools on Go's net/http, and fortio, which has its own client. */
import type { Outcome } from '../../model/record.ts'
import { formatCount, formatPercent } from '../../base/figures.ts'
import { isResentByGo } from './retry-rules.ts'
import { isAnswered, isErrorStatus, isOnKeptConnection, isSuccess } from './sent-request.ts'
import type { SentRequest } from './sent-request.ts'
import { exitsWithZero, good, listTold, noThreshold, resent, systemErrors, tellError, untold } from './tool-rule.ts'
import type { ToolRule, Told } from './tool-rule.ts'

/** The end of the error text of `http.Client`. */
const goErrors: Partial<Record<Outcome, string>> = {
  ...systemErrors,
  'connect-timeout': 'i/o timeout',
  dns: 'no such host',
  tls: 'tls: handshake failure',
  'closed-before-response': 'EOF',
  truncated: 'unexpected EOF',
  'timeout-headers': 'Client.Timeout exceeded while awaiting headers',
  'timeout-body': 'context deadline exceeded while reading body',
  'protocol-error': 'malformed HTTP response',
}

/** The result of the transport: an answer, an error, or a second attempt. An answer counts once its head has arrived. */
function judgeTransport(request: SentRequest): Told | 'answer' {
  if (request.outcome === 'in-flight') return untold
  if (isResentByGo(request)) return resent
  if (isAnswered(request) || request.status !== null) return 'answer'
  return tellError(goErrors[request.outcome] ?? request.outcome)
}

/**
 * hey 0.1.5, requester/requester.go `makeRequest`: an error of `client.Do` counts; an error of reading the body is dropped, so an answer
 * that is cut, reset or late in its body counts by its status. Statuses are listed, and none is an error.
 */
function judgeByHey(request: SentRequest): Told {
  const given = judgeTransport(request)
  if (given !== 'answer') return given
  return isErrorStatus(request) ? tellError(`[${request.status}]`) : good
}

/**
 * vegeta 12, lib/attack.go `hit`: the body is read before the code is set, so an answer cut in its body has code 0 and an error;
 * a status below 200 or from 400 on is an error by its text.
 */
function judgeByVegeta(request: SentRequest): Told {
  const given = judgeTransport(request)
  if (given !== 'answer') return given
  if (!isAnswered(request)) return tellError(goErrors[request.outcome] ?? request.outcome)
  return isErrorStatus(request) ? tellError(`status ${request.status}`) : good
}

/**
 * k6 1.8, lib/netext/httpext/transport.go `measureAndEmitMetrics`: http_req_failed is 1 for an error, that of reading the body among them
 * (`processLastSavedRequest`), and for a status that is not from 200 to 399 (`http.expectedStatuses`).
 */
const judgeByK6 = judgeByVegeta

/**
 * fortio 1.68, fhttp/http_client.go `FastClient.readResponse`: a read that fails or ends without a byte on a reused socket is retried once,
 * for any method and also after time limits. A status that is not 2xx ends the request as soon as it is read, whatever the body; an end
 * after it, or before it, counts as the end of a 200; code -1 is every other error.
 */
function judgeByFortio(request: SentRequest): Told {
  const { outcome, bytes, status } = request
  if (outcome === 'in-flight') return untold
  const failsToRead = outcome.endsWith('-before-response') || outcome === 'timeout-headers'
  if (bytes === 0 && isOnKeptConnection(request) && failsToRead) return resent
  if (status !== null && !isSuccess(request)) return tellError(`Code ${status}`)
  return isAnswered(request) || outcome === 'truncated' ? good : tellError('Code -1')
}

export const goTools: readonly ToolRule[] = [
  {
    tool: 'k6',
    command: 'k6 run, http_req_failed: rate<0.01',
    keeps: true,
    judge: judgeByK6,
    exit: ({ errors, good: answered }) => (errors > 0 && errors / (errors + answered) >= 0.01 ? 99 : 0),
    says: ({ errors, good: answered }) =>
      `http_req_failed ${formatPercent(errors, errors + answered)}, ${formatCount(errors)} out of ${formatCount(errors + answered)}`,
    threshold: 'exit 99 from 1 % failed requests on, with the threshold of its documentation; none of its own',
    beyond: 'connecting and TLS are not in http_req_duration',
  },
  {
    tool: 'vegeta',
    command: 'vegeta attack | vegeta report',
    keeps: true,
    judge: judgeByVegeta,
    exit: exitsWithZero,
    says: ({ errors, good: answered, ...counts }) =>
      [`Success ${formatPercent(answered, errors + answered)}`, listTold(counts)].filter(Boolean).join('; '),
    threshold: noThreshold,
    beyond: 'a request that failed counts in the latencies',
  },
  {
    tool: 'hey',
    command: 'hey -z 30s -c 10',
    keeps: true,
    judge: judgeByHey,
    exit: exitsWithZero,
    says: (counts) => listTold(counts) || 'no errors, all [200]',
    threshold: noThreshold,
    beyond: 'an answer that is cut in its body is a [200]',
  },
  {
    tool: 'hey -m POST',
    command: 'hey -z 30s -c 10 -m POST -d x',
    keeps: true,
    judge: (request) => judgeByHey({ ...request, method: 'POST' }),
    exit: exitsWithZero,
    says: (counts) => listTold(counts) || 'no errors, all [200]',
    threshold: noThreshold,
    beyond: 'as if every request had been a POST: then Go sends none again',
  },
  {
    tool: 'fortio',
    command: 'fortio load -qps 100 -c 10',
    keeps: true,
    judge: judgeByFortio,
    exit: exitsWithZero,
    says: ({ errors, good: answered, ...counts }) =>
      [`Code 200 : ${formatCount(answered)} (${formatPercent(answered, errors + answered)})`, listTold(counts)]
        .filter(Boolean)
        .join(', '),
    threshold: noThreshold,
    beyond: 'it closes a connection after an error, so it meets few bad answers in a row',
  },
]
