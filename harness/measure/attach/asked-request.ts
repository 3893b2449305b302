/** The command line's options for the requests to a target: one request in place of those of a scenario. */
import { Fault } from '../../base/fault.ts'
import type { TlsPlan } from '../../model/load/client.ts'
import { withRequestList } from '../../model/load/lane-requests.ts'
import { listRequests } from '../../model/load/requests.ts'
import type { StatusRule, WeightedRequest } from '../../model/load/requests.ts'
import type { LoadPlan } from '../../model/plan.ts'
import { requestListSchema } from '../../plan/request-list.ts'
import { readCertificates } from './service-tls.ts'

export interface RequestOptions {
  method?: string
  /** Each `Name: value`. */
  header?: string[]
  /** Each `Name=VARIABLE`. */
  headerEnv?: string[]
  body?: string
  expectStatus?: StatusRule[]
  /** A file of certificate authorities (PEM), or `unverified`: how TLS of the target's Service is verified. */
  tls?: string
  tlsServerName?: string
  /** From the settings in the current folder. */
  requests?: WeightedRequest[]
}

/** The names of these options. */
export const requestOptionNames = [
  'method',
  'header',
  'headerEnv',
  'body',
  'expectStatus',
  'tls',
  'tlsServerName',
] as const

/** The load with the requested changes; throws a usage Fault for values that no request can have. */
export function applyRequestOptions(load: LoadPlan, scenario: string, options: RequestOptions): LoadPlan {
  const request = readRequest(options)
  if (request !== null && listRequests(load) !== null) {
    throw new Fault('usage', `Cannot use --${request.option} with ${scenario}, which has a list of requests of its own`)
  }
  const tls = readTls(options)
  const requests = request ? [request.asked] : options.requests
  return { ...(requests ? withRequestList(load, requests) : load), ...(tls && { tls }) }
}

/** `null` without any such option; else the request, and the first option that was given. */
function readRequest(options: RequestOptions): { asked: WeightedRequest; option: string } | null {
  const { method, header = [], headerEnv = [], body, expectStatus } = options
  const asking: [option: string, value: unknown][] = [
    ['method', method],
    ['header', header[0]],
    ['header-env', headerEnv[0]],
    ['body', body],
    ['expect-status', expectStatus],
  ]
  const given = asking.find(([, value]) => value !== undefined)
  if (given === undefined) return null
  const headers = [...header.map(parseHeader), ...headerEnv.map(parseHeaderVariable)]
  const asked = {
    ...(method !== undefined && { method }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(body !== undefined && { body }),
    ...(expectStatus !== undefined && { expect: { status: expectStatus } }),
  }
  const parsed = requestListSchema.safeParse([asked])
  if (!parsed.success) throw new Fault('usage', `Cannot use ${explainIssue(parsed.error.issues[0]!)}`)
  if (headers.length !== new Set(headers.map(([name]) => name.toLowerCase())).size) {
    throw new Fault('usage', 'Cannot use --header: must not name a header twice')
  }
  return { asked: parsed.data[0]!, option: given[0] }
}

/** Without the value, which may be a credential. */
function explainIssue({ path: [, key = '', name], message }: { path: PropertyKey[]; message: string }): string {
  const options: Record<string, string> = { headers: '--header', method: '--method', body: '--body' }
  const what = options[String(key)] ?? '--expect-status'
  return `${what}${name === undefined || key !== 'headers' ? '' : ` ${String(name)}`}: ${message}`
}

function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([^:\s]+):\s*([^]*)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value.trimEnd()]
  throw new Fault('usage', "Cannot use --header: must be like 'Accept: text/html'")
}

function parseHeaderVariable(text: string): [name: string, value: { env: string }] {
  const [, name, variable] = /^([^=\s]+)=([A-Za-z_]\w*)$/.exec(text) ?? []
  if (name !== undefined && variable !== undefined) return [name, { env: variable }]
  throw new Fault('usage', 'Cannot use --header-env: must be like Authorization=SHOP_AUTH, with the name of a variable')
}

function readTls({ tls, tlsServerName }: RequestOptions): TlsPlan | null {
  if (tls === undefined) {
    if (tlsServerName === undefined) return null
    throw new Fault('usage', 'Cannot use --tls-server-name without --tls')
  }
  const named = tlsServerName === undefined ? {} : { serverName: tlsServerName }
  if (tls === 'unverified') return { unverified: true, ...named }
  const problem = `Cannot use --tls ${tls}: must be a file of certificates in PEM, or the word unverified`
  return { ca: readCertificates(tls, problem), ...named }
}
