/** What the answer to a request must fulfil besides being complete; compiled once for each request of a load. */
import { createStatusTest } from '../../model/load/requests.ts'
import type { DriverRequest } from '../service/driver-requests.ts'
import { compileBodyTerms } from './body-check.ts'
import type { BodyTerms } from './body-check.ts'

export interface AnswerTerms {
  /** Whether it answers HEAD: then it has no body, whatever its head says. */
  toHead: boolean
  accepts: (status: number) => boolean
  /** Required header fields, as indexes into the list of fields that its connection checks. */
  fields: readonly number[]
  body: BodyTerms | null
}

/** A header field and its required value. */
export interface ExpectedField {
  /** In lower case. */
  name: string
  value: string
}

const isSuccess = createStatusTest()

/** Any 2xx. */
export function createPlainTerms(toHead: boolean): AnswerTerms {
  return { toHead, accepts: isSuccess, fields: [], body: null }
}

/** All fields that listed requests expect, without duplicates, and the terms of each request. */
export function compileTerms(requests: readonly DriverRequest[]): { fields: ExpectedField[]; terms: AnswerTerms[] } {
  const fields: ExpectedField[] = []
  const findPlace = (name: string, value: string): number => {
    const place = fields.findIndex((field) => field.name === name && field.value === value)
    return place >= 0 ? place : fields.push({ name, value }) - 1
  }
  const terms = requests.map(({ method, expect: { status, header = {}, body } }) => ({
    toHead: method === 'HEAD',
    accepts: createStatusTest(status),
    fields: Object.entries(header).map(([name, value]) => findPlace(name.toLowerCase(), value)),
    body: body === undefined ? null : compileBodyTerms(body),
  }))
  return { fields, terms }
}
