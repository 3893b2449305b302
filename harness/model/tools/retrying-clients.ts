/** Programs that send a request again when it fails, unasked or by a usual setting. */

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

/** Their names; a client that is not of this list by itself. */
export function nameClients(clients: readonly string[]): string[] {
  return clients.map((client) => (Object.hasOwn(clientNames, client) ? clientNames[client as RetryingClient] : client))
}
