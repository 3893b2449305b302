/** Which clients and proxies retry a lost request, each by the rule in its own source. */
import { isIdempotent } from '../../model/load/client.ts'
import type { Loss } from '../../model/result.ts'
import { retryingClients } from '../../model/tools/retrying-clients.ts'
import type { RetryingClient } from '../../model/tools/retrying-clients.ts'
import { isEndedBeforeResponse, isOnKeptConnection, isSafe, isUnconnected } from './sent-request.ts'
import type { SentRequest } from './sent-request.ts'

/** Returns the clients that would have retried. Whether that would have helped is unknown: a refused request is often refused again. */
export function listRetryingClients(request: SentRequest): RetryingClient[] {
  return retryingClients.filter((client) => retryRules[client](request))
}

/** How many of these losses each client would have retried; clients without any are left out. */
export function countRetries(losses: readonly Pick<Loss, 'retriedBy'>[]): Partial<Record<RetryingClient, number>> {
  const counts: Partial<Record<RetryingClient, number>> = {}
  for (const { retriedBy } of losses) for (const client of retriedBy) counts[client] = (counts[client] ?? 0) + 1
  return counts
}

/**
 * Go 1.26, net/http/transport.go `shouldRetryRequest` and request.go `isReplayable`: the connection was reused, the method is GET, HEAD,
 * OPTIONS or TRACE (or the request has an Idempotency-Key), and reading the first byte of the response failed or met the end. There is no
 * limit to the number of retries. Not visible in a record: a POST of which no byte was written is retried too, and under concurrency a
 * connection may wait in the pool before its first request and then counts as reused.
 */
export function isResentByGo(request: SentRequest): boolean {
  return isOnKeptConnection(request) && isSafe(request) && isEndedBeforeResponse(request)
}

const retryRules: Record<RetryingClient, (request: SentRequest) => boolean> = {
  go: isResentByGo,

  /** net/http/http_network_transaction.cc `HandleIOError`, `ShouldResendRequest`: the connection was reused, no head came; any method. */
  chromium: (request) => isOnKeptConnection(request) && isEndedBeforeResponse(request),

  /**
   * netwerk/protocol/http/nsHttpTransaction.cpp `Close`: no byte was received, and the method is safe, or the connection was reused, or
   * nothing had been sent; so also a GET on a new connection.
   */
  firefox: (request) => isEndedBeforeResponse(request) && (isSafe(request) || isOnKeptConnection(request)),

  /**
   * lib/transfer.c `Curl_retry_request`: no byte came on a reused connection; any method whose body can be sent again; up to five times.
   * The program `curl` keeps connections only within one command.
   */
  curl: (request) => isOnKeptConnection(request) && isEndedBeforeResponse(request),

  /**
   * src/tool_operate.c, `--retry` in the manual: time limits and the statuses 408, 429, 500, 502, 503 and 504, any method. A refusal needs
   * `--retry-connrefused` and other errors `--retry-all-errors`, which are not assumed here.
   */
  'curl-retry': ({ outcome, status }) =>
    outcome === 'timeout-headers' ||
    outcome === 'timeout-body' ||
    outcome === 'connect-timeout' ||
    outcome === 'dns' ||
    (outcome.startsWith('http-') && [408, 429, 500, 502, 503, 504].includes(status ?? 0)),

  /**
   * urllib3 2, util/retry.py `Retry.increment` with `Retry.DEFAULT` (three times, at once): a failure to connect, and for
   * GET, HEAD, PUT, DELETE, OPTIONS and TRACE an end or a time limit before a response. `requests` sets it to none.
   */
  urllib3: (request) =>
    isUnconnected(request) ||
    request.outcome === 'dns' ||
    (isIdempotent(request.method) && (isEndedBeforeResponse(request) || request.outcome === 'timeout-headers')),

  /**
   * `proxy_next_upstream`, by default `error timeout`: an error or a time limit while it connects, sends, or reads the head; a POST or
   * PATCH only if none of it was sent. It needs a second server in the upstream; statuses are passed on.
   */
  nginx: (request) =>
    isUnconnected(request) ||
    (isIdempotent(request.method) && (isEndedBeforeResponse(request) || request.outcome === 'timeout-headers')),

  /** Documentation of the router filter, `x-envoy-retry-on`: without a policy nothing is retried; with this one both, any method. */
  envoy: (request) => isUnconnected(request) || isEndedBeforeResponse(request),

  /**
   * Istio, pilot/pkg/networking/core/route/retry/retry.go `defaultPolicy`: `connect-failure,refused-stream,unavailable,cancelled`, twice.
   * Older releases also had the status 503.
   */
  istio: isUnconnected,
}
