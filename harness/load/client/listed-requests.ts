/** The listed requests with the values of their variables filled in; from here on they are sent to the driver alone. */
import { Buffer } from 'node:buffer'
import { Fault } from '../../base/fault.ts'
import { isHeaderValue } from '../../model/load/client.ts'
import { isReference, listRequests, nameRequests } from '../../model/load/requests.ts'
import type { RequestsOfLoad, TextSource, WeightedRequest } from '../../model/load/requests.ts'
import { maxPlanBytes } from '../service/control-protocol.ts'
import { explainUnusable } from '../service/driver-requests.ts'
import type { DriverRequest } from '../service/driver-requests.ts'

/** Bytes of a plan besides its list of requests. */
const otherBytes = 65_536

/**
 * Returns `null` where each lane has its own request. Throws a usage Fault, which contains no value, where a variable is missing or its
 * value makes a request impossible to send. `path`: for requests without one.
 */
export function resolveListedRequests(
  load: RequestsOfLoad,
  path: string,
  environment: NodeJS.ProcessEnv = process.env,
): DriverRequest[] | null {
  const list = listRequests(load)
  if (list === null) return null
  const names = nameRequests(list)
  const resolved = list.map((request, place) => resolveRequest(request, path, { name: names[place]!, environment }))
  const unusable = explainUnusable(resolved)
  if (unusable !== null) throw new Fault('usage', `Cannot use the requests of the load: the list ${unusable}`)
  if (Buffer.byteLength(JSON.stringify(resolved)) > maxPlanBytes - otherBytes) {
    throw new Fault(
      'usage',
      `Cannot use the requests of the load: they are more than ${maxPlanBytes >> 20} MiB together`,
    )
  }
  return resolved
}

interface ResolvingOptions {
  name: string
  environment: NodeJS.ProcessEnv
}

function resolveRequest(request: WeightedRequest, path: string, options: ResolvingOptions): DriverRequest {
  const { weight = 1, method = 'GET', query = {}, headers = {}, body = '', expect = {} } = request
  const added = Object.entries(query).map(([key, value]) => {
    const text = resolveText(value, `query parameter ${key}`, options)
    return `${encodeURIComponent(key.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`
  })
  return {
    weight,
    method,
    path: appendQuery(request.path ?? path, added),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, resolveHeader(name, value, options)]),
    ),
    body: resolveText(body, 'body', options),
    expect,
  }
}

function appendQuery(path: string, added: readonly string[]): string {
  if (added.length === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${added.join('&')}`
}

function resolveHeader(name: string, value: TextSource, options: ResolvingOptions): string {
  const text = resolveText(value, `header ${name}`, options)
  if (!isReference(value) || isHeaderValue(text)) return text
  const advice =
    'Printable ASCII without spaces around it, 8,000 characters at most; a line break at the end of a file is none of it.'
  throw new Fault('usage', `Cannot send what ${value.env} holds as header ${name} of ${options.name}`, advice)
}

function resolveText(source: TextSource, where: string, { name, environment }: ResolvingOptions): string {
  if (!isReference(source)) return source
  const value = environment[source.env]
  if (value) return (source.prefix ?? '') + value
  const why = value === undefined ? 'it is not set' : 'it is empty'
  throw new Fault(
    'usage',
    `Cannot read the environment variable ${source.env} for the ${where} of ${name}: ${why}`,
    `Set it where nodrop is started, as in: ${source.env}=… npx nodrop run …`,
  )
}
