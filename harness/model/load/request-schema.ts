/** The schema of `load.requests`: strict in users' files, loose in `plan.json`, which a later nodrop may have written. */
import { z } from 'zod'
import { areOwnHeaders, isHeaderName, isHeaderValue, maxBodyBytes, methods } from './client.ts'
import type { LaneRequest } from './client.ts'
import { maxRequests, maxWeight, statusClasses } from './requests.ts'
import type { LanedRequests, TextSource, WeightedRequest } from './requests.ts'

/** Creates an object schema, which decides how unknown keys are treated. */
export type ObjectSchema = <T extends z.core.$ZodLooseShape>(shape: T) => z.ZodObject<T>

/** An environment variable, named as in a shell (POSIX.1-2024, Base Definitions 8.1). */
const variableName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'must be the name of an environment variable')
const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** RFC 9112 §3.2.1, the origin form: no fragment. */
const path = z.string().regex(/^\/[!"$-~]{0,2000}$/, 'must begin with / and have no spaces and no #')
const status = z.union([z.int().min(200).max(599), z.enum(statusClasses)])
const namesHeaders = (headers: object): boolean => areOwnHeaders(Object.keys(headers))

/** For a load with one request for each lane. */
export function createLanedSchema(object: ObjectSchema): z.ZodType<LanedRequests> {
  const request: z.ZodType<LaneRequest> = object({
    method: z.enum(methods, `must be one of ${methods.join(', ')}`).exactOptional(),
    headers: z
      .record(z.string(), z.string().refine(isHeaderValue, 'must be the value of a header'))
      .refine(namesHeaders, 'must be headers that a client may choose')
      .exactOptional(),
    bodyBytes: z.int().min(0).max(maxBodyBytes).exactOptional(),
  })
  return object({
    fresh: request.exactOptional(),
    reused: request.exactOptional(),
    'reused-post': request.exactOptional(),
  })
}

/** For a load whose lanes share a list. */
export function createListSchema(object: ObjectSchema): z.ZodType<WeightedRequest[]> {
  const reference = object({ env: variableName, prefix: z.string().max(200).exactOptional() })
  const text = (kind: z.ZodString): z.ZodType<TextSource> => z.union([kind, reference])
  const body = object({
    contains: z.string().min(1).max(1000).exactOptional(),
    matches: z.string().min(1).max(1000).exactOptional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal digits')
      .exactOptional(),
  })
  const expectation = object({
    status: z.union([status, z.array(status).min(1).max(50)]).exactOptional(),
    header: z
      .record(
        z.string().refine(isHeaderName, 'must be the name of a header'),
        z.string().refine(isHeaderValue, 'must be the value of a header'),
      )
      .exactOptional(),
    body: body.exactOptional(),
  })
  const request = object({
    name: z
      .string()
      .regex(/^[!-~]([ -~]{0,58}[!-~])?$/, 'must be 1 to 60 printable characters')
      .exactOptional(),
    weight: z.int().min(1).max(maxWeight).exactOptional(),
    method: z.enum(methods, `must be one of ${methods.join(', ')}`).exactOptional(),
    path: path.exactOptional(),
    query: z.record(z.string().min(1).max(200), text(z.string().max(2000))).exactOptional(),
    headers: z
      .record(z.string(), text(z.string().refine(isHeaderValue, 'must be the value of a header')))
      .refine(namesHeaders, 'must be headers that a client may choose, each once')
      .exactOptional(),
    body: text(z.string().max(maxBodyBytes)).exactOptional(),
    expect: expectation.exactOptional(),
  })
    .refine(({ method = 'GET', body: sent }) => sent === undefined || !withoutBody.has(method), {
      error: 'GET and HEAD have no body',
      path: ['body'],
    })
    .refine(({ method, expect }) => method !== 'HEAD' || expect?.body === undefined, {
      error: 'the answer to HEAD has no body',
      path: ['expect', 'body'],
    })
  return z.array(request).min(1).max(maxRequests).refine(hasDistinctNames, 'must have names that differ') as z.ZodType<
    WeightedRequest[]
  >
}

function hasDistinctNames(requests: readonly Partial<WeightedRequest>[]): boolean {
  const names = requests.flatMap(({ name }) => name ?? [])
  return new Set(names).size === names.length
}
