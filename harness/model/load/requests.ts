/** A load of several requests: their weights, their content, and the expected answers. */
import { isSafe } from './client.ts'
import type { LaneRequest, Method } from './client.ts'

/** A variable of the harness's environment. Its value is sent to the driver only, and is in no file and no message. */
export interface VariableReference {
  env: string
  /** Text before the value, such as `Bearer `. */
  prefix?: string
}

/** A text, or a variable that is read when the load begins. */
export type TextSource = string | VariableReference

export interface WeightedRequest {
  /** The name in reports; default: its method and its path without the query. */
  name?: string
  /** Share of the requests, relative to the sum of all weights; default: 1. */
  weight?: number
  method?: Method
  /** With the query; default: that of the workload. */
  path?: string
  /** Added to the query, each value percent-encoded. */
  query?: Record<string, TextSource>
  /** In addition to those that identify the request as part of this load. */
  headers?: Record<string, TextSource>
  body?: TextSource
  expect?: RequestExpectation
}

/** A status, or all of a class. */
export type StatusRule = number | StatusClass
export type StatusClass = (typeof statusClasses)[number]
export const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const

/** The conditions for a request to be `ok`. */
export interface RequestExpectation {
  /** Default: 2xx. */
  status?: StatusRule | StatusRule[]
  /** Header fields that the answer must have with exactly these values. */
  header?: Record<string, string>
  body?: BodyExpectation
}

export interface BodyExpectation {
  contains?: string
  /** A regular expression without look-around and back-references, for the first `matchedBodyBytes` of the body. */
  matches?: string
  /** SHA-256 of the whole body, in hexadecimal digits. */
  sha256?: string
}

export const maxRequests = 100
export const maxWeight = 100
/** Maximum number of bytes of a body that a pattern is matched with, which takes the driver about 10 ms; the rest is only read. */
export const matchedBodyBytes: number = 1 << 16

export function isReference(value: unknown): value is VariableReference {
  return typeof value === 'object' && value !== null && typeof (value as Partial<VariableReference>).env === 'string'
}

/** `null` if each lane has its own request. */
export function listRequests({ requests }: RequestsOfLoad): readonly WeightedRequest[] | null {
  return Array.isArray(requests) ? requests : null
}

/** The requests of lanes; empty if they share a list. */
export function getLanedRequests({ requests = {} }: RequestsOfLoad): LanedRequests {
  return Array.isArray(requests) ? {} : requests
}

/** The two forms of a load's `requests`: by lane, or a list that all lanes share. */
export interface RequestsOfLoad {
  requests?: LanedRequests | WeightedRequest[]
}
export type LanedRequests = Partial<Record<'fresh' | 'reused' | 'reused-post', LaneRequest>>

/** Unique names of listed requests; one without a name gets its method and its path, without the query. */
export function nameRequests(requests: readonly WeightedRequest[]): string[] {
  const names: string[] = []
  for (const { name, method = 'GET', path } of requests) {
    const own = name ?? `${method} ${path?.replace(/\?.*/, '') ?? '(path of the workload)'}`
    let unique = own
    for (let count = 2; names.includes(unique); count++) unique = `${own} (${count})`
    names.push(unique)
  }
  return names
}

/** Whether a status is allowed for the answers of a request. */
export function createStatusTest(expected: RequestExpectation['status'] = '2xx'): (status: number) => boolean {
  const rules = [expected].flat()
  const isOf = (rule: StatusRule, status: number): boolean =>
    typeof rule === 'number' ? rule === status : Math.floor(status / 100) === Number(rule[0])
  return (status) => rules.some((rule) => isOf(rule, status))
}

/** The methods of a load that may write (RFC 9110 §9.2.1), each once; empty if it only reads. */
export function listWriteMethods(
  load: RequestsOfLoad & { shares: Record<'fresh' | 'reused' | 'reused-post', number> },
): Method[] {
  const { requests = {}, shares } = load
  const sent = Array.isArray(requests)
    ? requests.map(({ method = 'GET' }) => method)
    : (['fresh', 'reused', 'reused-post'] as const)
        .filter((lane) => shares[lane] > 0)
        .map((lane) => requests[lane]?.method ?? (lane === 'reused-post' ? 'POST' : 'GET'))
  return [...new Set(sent)].filter((method) => !isSafe(method))
}
