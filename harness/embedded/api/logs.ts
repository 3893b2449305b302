/** pods/log: what a container has written, and what it writes from now on. */
import { once } from 'node:events'
import { kinds } from '../store/objects.ts'
import type { Pod } from '../store/objects.ts'
import type { LogQuery } from '../store/pod-logs.ts'
import type { Answer, Call } from './call.ts'
import { newInvalid, validateNonnegativeField } from '../validation/field-errors.ts'
import { newBadRequest } from '../schema/status.ts'

export async function streamPodLog(call: Call): Promise<Answer> {
  const { target, store, logs, response, signal } = call
  const pod = store.read('pods', target.name, target.namespace)
  const query = parseLogQuery(call, getContainerName(pod, call.query.get('container') ?? ''))
  const stop = new AbortController()
  // The reader is aborted when the client closes, and also when this function ends for any other reason.
  const lines = logs.read(query, AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]()
  const sendHead = (): void => {
    if (response.headersSent) return
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
    response.flushHeaders()
  }
  try {
    // Until the first line (or a moment without one) an error can still be answered.
    const soon = query.follow ? setTimeout(sendHead, 100) : undefined
    try {
      let left = query.limitBytes ?? Infinity
      for (let next = await lines.next(); !next.done && left > 0; next = await lines.next()) {
        sendHead()
        const text = left === Infinity ? next.value : truncateUtf8(next.value, left)
        left -= Buffer.byteLength(text)
        if (!response.write(text)) await Promise.race([once(response, 'drain'), once(response, 'close')])
        if (signal.aborted) break
      }
    } finally {
      clearTimeout(soon)
    }
    sendHead()
  } catch (error) {
    if (!response.headersSent && !signal.aborted) throw error
  } finally {
    stop.abort()
    await lines.return?.()
  }
  response.end()
  return undefined
}

function truncateUtf8(text: string, bytes: number): string {
  const buffer = Buffer.from(text)
  return buffer.length <= bytes ? text : buffer.subarray(0, bytes).toString('utf8')
}

function getContainerName(pod: Pod, asked: string): string {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  const names = [...initContainers, ...containers].map(({ name }) => name)
  const podName = pod.metadata?.name ?? ''
  if (asked !== '') {
    if (!names.includes(asked)) throw newBadRequest(`container ${asked} is not valid for pod ${podName}`)
    return asked
  }
  const [only] = containers
  if (only && containers.length === 1) return only.name
  const choice = names.length > 0 ? `, choose one of: [${names.join(' ')}]` : ''
  throw newBadRequest(`a container name must be specified for pod ${podName}${choice}`)
}

function parseLogQuery({ target, query }: Call, container: string): LogQuery {
  const parseFlag = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '')
  const result: LogQuery = {
    namespace: target.namespace,
    pod: target.name,
    container,
    follow: parseFlag('follow'),
    previous: parseFlag('previous'),
    timestamps: parseFlag('timestamps'),
  }
  for (const name of ['tailLines', 'sinceSeconds', 'limitBytes'] as const) {
    const text = query.get(name)
    if (text === null) continue
    const value = Number(text)
    if (!Number.isInteger(value))
      throw newBadRequest(`unable to convert ${name}: ${JSON.stringify(text)} is no integer`)
    const errors = validateNonnegativeField(name, value)
    if (errors.length > 0) throw newInvalid({ ...kinds.pods, kind: 'PodLogOptions' }, target.name, errors)
    result[name] = value
  }
  const sinceTime = query.get('sinceTime')
  if (sinceTime !== null) {
    if (Number.isNaN(Date.parse(sinceTime)))
      throw newBadRequest(`sinceTime ${JSON.stringify(sinceTime)} is no RFC 3339 time`)
    result.sinceTime = sinceTime
  }
  return result
}
