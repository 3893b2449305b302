/** Request bodies: limited in size, parsed, and refused with the status of a real API server. */
import type { IncomingMessage } from 'node:http'
import { getErrorMessage } from '../../base/fault.ts'
import { isObject } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { decodeProtobuf, protobufType } from '../schema/protobuf.ts'
import { ApiError, newBadRequest, newUnsupportedMediaType } from '../schema/status.ts'

/** The API server's own limit (`--max-request-bytes` of the generic server: 3 MiB). */
const maxBodyBytes = 3 * 1024 * 1024

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) {
      const message = `Request entity too large: limit is ${maxBodyBytes}`
      throw new ApiError(413, 'RequestEntityTooLarge', message, {})
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `application/json` from `Application/JSON; charset=utf-8`. */
export function parseMediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

export function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch (error) {
    throw newBadRequest(`error decoding the body of the request: ${getErrorMessage(error)}`)
  }
}

/** The object in a body; undefined when the body is empty. */
export async function readObject(request: IncomingMessage): Promise<JsonObject | undefined> {
  const body = await readBody(request)
  if (body.length === 0) return undefined
  const type = parseMediaType(request)
  if (type === protobufType) return decodeProtobuf(body)
  if (type !== 'application/json' && type !== '') throw newUnsupportedMediaType(['application/json'])
  const value = parseJson(body)
  if (!isObject(value)) throw newBadRequest('error decoding the body of the request: it is not a JSON object')
  return value
}
