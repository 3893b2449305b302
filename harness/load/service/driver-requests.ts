/** The listed requests as the driver gets them: without references, and without anything that could split a request. */
import { Buffer } from 'node:buffer'
import { getErrorMessage } from '../../base/fault.ts'
import { isHeaders, isHeaderName, isHeaderValue, maxBodyBytes, methods } from '../../model/load/client.ts'
import type { Method } from '../../model/load/client.ts'
import { maxRequests, maxWeight, statusClasses } from '../../model/load/requests.ts'
import type { RequestExpectation } from '../../model/load/requests.ts'
import { compileBodyTerms } from '../http1/body-check.ts'

export interface DriverRequest {
  weight: number
  method: Method
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string
  expect: RequestExpectation
}

const pathPattern = /^\/[!"$-~]{0,16000}$/

/** What is wrong with a list of requests, without quoting any value; `null` when it can be sent. */
export function explainUnusable(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxRequests) {
    return `must be a list of 1 to ${maxRequests} requests`
  }
  for (const [place, request] of value.entries()) {
    const why = explainRequest((request ?? {}) as Partial<Record<keyof DriverRequest, unknown>>)
    if (why !== null) return `must have a ${why} in request ${place}`
  }
  return null
}

function explainRequest(request: Partial<Record<keyof DriverRequest, unknown>>): string | null {
  const { weight, method, path, headers, body, expect } = request
  if (!Number.isInteger(weight) || (weight as number) < 1 || (weight as number) > maxWeight) return 'usable weight'
  if (!methods.includes(method as Method)) return `method that is one of ${methods.join(', ')}`
  if (typeof path !== 'string' || !pathPattern.test(path)) return 'usable path'
  if (!isHeaders(headers)) return 'choice of headers that is a client’s'
  if (typeof body !== 'string' || Buffer.byteLength(body) > maxBodyBytes) return `body of ${maxBodyBytes} bytes at most`
  return explainExpectation(expect as RequestExpectation | null)
}

function explainExpectation(expect: RequestExpectation | null): string | null {
  if (typeof expect !== 'object' || expect === null) return 'usable expectation'
  const { status = '2xx', header = {}, body } = expect
  const isStatus = (rule: unknown): boolean =>
    Number.isInteger(rule) ? (rule as number) > 199 && (rule as number) < 600 : statusClasses.includes(rule as '2xx')
  if (![status].flat().every(isStatus)) return 'status that can be expected'
  if (!Object.entries(header).every(([name, text]) => isHeaderName(name) && isHeaderValue(text))) {
    return 'header that can be expected'
  }
  try {
    if (body !== undefined) compileBodyTerms(body)
    return null
  } catch (error) {
    return `pattern that can be used (${getErrorMessage(error)})`
  }
}
