/** Connection tracking of the embedded cluster: by its API, because its network namespaces are not accessible. */
import { Fault } from '../../base/fault.ts'
import type { TrackedConnections } from '../provider.ts'
import { readBody } from '../response-body.ts'

export async function trackConnections(tracked: TrackedConnections): Promise<AsyncIterable<unknown>> {
  const { api, node, filter, signal } = tracked
  // It has no ingress controller, whose connections this filter selects by their source.
  if ('source' in filter) throw new Fault('environment', 'the embedded cluster tells of connections to Services only')
  const query = new URLSearchParams({ address: filter.address, port: String(filter.port) }).toString()
  const response = await api.open({ path: `/api/v1/nodes/${node}/proxy/connections?${query}`, signal })
  if (response.statusCode === 200) return response
  const { message } = JSON.parse((await readBody(response)).toString('utf8')) as { message?: string }
  const install = 'Install it: apt-get install conntrack'
  throw new Fault('environment', message ?? `the API answers ${response.statusCode}`, install)
}
