/** Programs that retry a failed request by default or with a common setting. */

export type RetryingClient = (typeof retryingClients)[number]
export const retryingClients = [
  'go',
  'chromium',
  'firefox',
  'curl',
  'curl-retry',
  'urllib3',
  'nginx',
  'envoy',
  'istio',
] as const

export const clientNames: Record<RetryingClient, string> = {
  go: 'Go’s net/http',
  chromium: 'Chromium',
  firefox: 'Firefox',
  curl: 'libcurl',
  'curl-retry': 'curl --retry',
  urllib3: 'Python’s urllib3',
  nginx: 'nginx with several upstreams',
  envoy: 'Envoy with retry_on: connect-failure,reset',
  istio: 'Envoy as Istio sets it up',
}

/** Their display names; a client that is not in this list keeps its own. */
export function nameClients(clients: readonly string[]): string[] {
  return clients.map((client) => (Object.hasOwn(clientNames, client) ? clientNames[client as RetryingClient] : client))
}
