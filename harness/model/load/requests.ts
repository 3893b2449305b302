/** A load of several requests: what each of them is, by its weight, and what its answers must be. */
import { isSafe } from './client.ts'
import type { LaneRequest, Method } from './client.ts'

/** Of the harness's environment. Its value is in no file and no message: it goes to the driver alone. */
export interface VariableReference {
  env: string
  /** What comes before the value, such as `Bearer `. */
  prefix?: string
}

/** A text, or where it is taken from when the load begins. */
export type TextSource = string | VariableReference

export interface WeightedRequest {
  /** In reports; default: its method and its path without the query. */
  name?: string
  /** Of all requests of the list so many in the sum of all weights; default: 1. */
  weight?: number
  method?: Method
  /** With its query; default: that of the workload. */
  path?: string
  /** What is added to the query, each value percent-encoded. */
  query?: Record<string, TextSource>
  /** Beside the ones that make it a request of this load. */
  headers?: Record<string, TextSource>
  body?: TextSource
  expect?: RequestExpectation
}

/** A status, or all of a class. */
export type StatusRule = number | StatusClass
export type StatusClass = (typeof statusClasses)[number]
export const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const

/** What an answer must be for its request to be `ok`. */
export interface RequestExpectation {
  /** Default: 2xx. */
  status?: StatusRule | StatusRule[]
  /** Each is a header field that the answer has with this very value. */
  header?: Record<string, string>
  body?: BodyExpectation
}

export interface BodyExpectation {
  contains?: string
  /** A regular expression without look-around and back-references, of the first `matchedBodyBytes` of the body. */
  matches?: string
  /** Of the whole body, in hexadecimal digits. */
  sha256?: string
}

export const maxRequests = 100
export const maxWeight = 100
/** The rest of a body is read, and matched with nothing: so many bytes take the driver some 10 ms. */
export const matchedBodyBytes: number = 1 << 16

export function isReference(value: unknown): value is VariableReference {
  return typeof value === 'object' && value !== null && typeof (value as Partial<VariableReference>).env === 'string'
}

/** `null` where each lane has a request of its own. */
export function listRequests({ requests }: RequestsOfLoad): readonly WeightedRequest[] | null {
  return Array.isArray(requests) ? requests : null
}

/** What lanes have of their own; nothing where they share a list. */
export function getLanedRequests({ requests = {} }: RequestsOfLoad): LanedRequests {
  return Array.isArray(requests) ? {} : requests
}

/** What `requests` of a load may be: by lane, or a list that every lane shares. */
export interface RequestsOfLoad {
  requests?: LanedRequests | WeightedRequest[]
}
export type LanedRequests = Partial<Record<'fresh' | 'reused' | 'reused-post', LaneRequest>>

/** One for each request of a list, none twice: what has no name is called by its method and its path, without the query. */
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

/** Whether a status is one of those that the answers of a request may have. */
export function createStatusTest(expected: RequestExpectation['status'] = '2xx'): (status: number) => boolean {
  const rules = [expected].flat()
  const isOf = (rule: StatusRule, status: number): boolean =>
    typeof rule === 'number' ? rule === status : Math.floor(status / 100) === Number(rule[0])
  return (status) => rules.some((rule) => isOf(rule, status))
}

/** The methods that may write of those that a load sends (RFC 9110 §9.2.1), each once; none where it only asks. */
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
