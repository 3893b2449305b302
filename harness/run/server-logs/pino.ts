/**
 * Lines of pino (lib/tools.js of 10.4) from Node: JSON objects whose `level` and `time` are numbers, with `msg`. Applications word their
 * shutdown freely, so only these messages are read: those that name a signal, Fastify's when it listens (lib/server.js of 5.12), and the
 * requests that Fastify (lib/log-controller.js) and pino-http (logger.js of 11.0) log.
 */
import type { AccessLogLine, JsonLine, LineMessage, ServerEvent } from './log-line.ts'

const listening = /^(?:server )?(?:is )?listening (?:at|on)\b/i
const signalWords = [
  /\b(?:received|caught|got) (SIGTERM|SIGINT|SIGQUIT)\b/i,
  /\b(SIGTERM|SIGINT|SIGQUIT)(?: signal)? (?:received|caught)\b/i,
]

export function parsePinoLine(fields: JsonLine): LineMessage | null {
  const { level, time, msg } = fields
  if (typeof level !== 'number' || typeof time !== 'number' || typeof msg !== 'string') return null
  return 'res' in fields ? parseRequest(fields, msg) : parseMessage(msg)
}

function parseMessage(msg: string): ServerEvent | null {
  if (listening.test(msg)) return { moment: 'started', detail: null }
  const signal = signalWords.map((words) => words.exec(msg)?.[1]).find((found) => found !== undefined)
  return signal === undefined ? null : { moment: 'signal', detail: signal.toUpperCase() }
}

/** The id is the header as pino-http logs it, or `reqId`, which Fastify takes from it if `requestIdHeader` is set. */
function parseRequest({ res, req, reqId, responseTime }: JsonLine, msg: string): AccessLogLine | null {
  const status = getField(res, 'statusCode')
  if (typeof status !== 'number' || typeof responseTime !== 'number') return null
  const id = getField(getField(req, 'headers'), 'x-request-id') ?? reqId
  const tookUs = Math.round(responseTime * 1_000)
  return {
    role: 'application',
    id: typeof id === 'string' ? id : '',
    status,
    tookUs,
    upstream: null,
    whole: msg !== 'request aborted',
  }
}

function getField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonLine)[name] : undefined
}
