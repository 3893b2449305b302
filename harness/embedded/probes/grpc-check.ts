/** The health check of gRPC (grpc-proto, grpc/health/v1/health.proto), made like that of the kubelet's prober (pkg/probe/grpc). */
import { once } from 'node:events'
import { connect } from 'node:http2'
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { getErrorMessage } from '../../base/fault.ts'

export interface GrpcTarget {
  /** `address:port`. */
  authority: string
  /** Empty: the server as a whole. */
  service: string
  userAgent: string
  timeoutMs: number
}

/** gRPC's initial time between two attempts to connect. */
const backOffMs = 1000
/** An answer has two bytes. */
const bodyLimit = 64 * 1024
/** By number (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]
/** The meaning of an HTTP status without a gRPC status (http-grpc-status-mapping.md). */
const codesOfHttp: Record<number, string> = {
  400: 'Internal',
  401: 'Unauthenticated',
  403: 'PermissionDenied',
  404: 'Unimplemented',
  429: 'Unavailable',
  502: 'Unavailable',
  503: 'Unavailable',
  504: 'Unavailable',
}
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** Why the server is not healthy, with the kubelet's text; `null` when it is. */
export async function checkGrpcHealth(target: GrpcTarget): Promise<string | null> {
  const { authority, timeoutMs } = target
  const within = `within ${timeoutMs / 1000}s`
  const late = AbortSignal.timeout(timeoutMs)
  const session = await connectUntil(late, authority)
  if (!session) return `timeout: failed to connect service "${authority}" ${within}: context deadline exceeded`
  try {
    const { code, message, body } = await callCheck(session, target, late)
    if (code === 'Unimplemented') {
      return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`
    }
    if (code !== 'OK') return `error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`
    const status = readStatus(body)
    return status === 'SERVING' ? null : `service unhealthy (responded with "${status}")`
  } catch (error) {
    if (late.aborted) return `timeout: health rpc did not complete ${within}`
    return `error: health rpc probe failed: rpc error: code = Unavailable desc = ${getErrorMessage(error)}`
  } finally {
    session.destroy()
  }
}

/** An HTTP/2 session with the server; `null` when there was none in time. */
async function connectUntil(late: AbortSignal, authority: string): Promise<ClientHttp2Session | null> {
  while (!late.aborted) {
    const session = connect(`http://${authority}`)
    session.on('error', () => undefined)
    try {
      await once(session, 'remoteSettings', { signal: late })
      return session
    } catch {
      session.destroy()
      await sleep(backOffMs, undefined, { signal: late }).catch(() => undefined)
    }
  }
  return null
}

interface CheckAnswer {
  code: string
  message: string
  body: Buffer
}

async function callCheck(
  session: ClientHttp2Session,
  { service, userAgent }: GrpcTarget,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const headers = {
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': userAgent,
  }
  const stream = session.request(headers, { signal })
  let answered: IncomingHttpHeaders = {}
  stream.on('response', (first) => (answered = { ...answered, ...first }))
  stream.on('trailers', (trailers) => (answered = { ...answered, ...trailers }))
  stream.end(frameOf(service))
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if ((length += chunk.length) > bodyLimit) throw new Error('received message larger than max')
  }
  return { ...outcomeOf(answered), body: Buffer.concat(chunks) }
}

function outcomeOf(headers: IncomingHttpHeaders): Pick<CheckAnswer, 'code' | 'message'> {
  const status = headers['grpc-status']
  if (typeof status === 'string') {
    const message = headers['grpc-message']
    return { code: codes[Number(status)] ?? 'Unknown', message: typeof message === 'string' ? unescaped(message) : '' }
  }
  if (headers[':status'] === undefined) throw new Error('error reading from server: EOF')
  const http = Number(headers[':status'])
  const message = `unexpected HTTP status code received from server: ${http}`
  return http === 200
    ? { code: 'Internal', message: 'server closed the stream without sending trailers' }
    : { code: codesOfHttp[http] ?? 'Unknown', message }
}

/** A message is percent-encoded by a conforming server. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}

/** A HealthCheckRequest (field 1: the service, a string) after its prefix: uncompressed flag and length. */
function frameOf(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** Field 1 of a HealthCheckResponse, which a server omits when it is 0. */
function readStatus(frame: Buffer): string {
  const [tag, number = 0] = frame.subarray(5)
  return tag === 0x08 ? (servingStatuses[number] ?? String(number)) : 'UNKNOWN'
}
