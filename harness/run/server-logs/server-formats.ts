/**
 * The servers whose logs are read. Other servers are measured too: the cluster reports when their containers were stopped and ended, and
 * the client reports the outcome of connections.
 */
import { parseGunicornAccess, parseGunicornLine } from './gunicorn.ts'
import type { JsonLine, LineMessage, LineParser } from './log-line.ts'
import { createNginxParser, parseNginxAccess } from './nginx.ts'
import { createUvicornParser } from './uvicorn.ts'
import { createApacheParser } from './apache.ts'
import { createHaproxyParser } from './haproxy.ts'
import { parseEnvoyLine } from './envoy.ts'
import { parsePinoLine } from './pino.ts'

export interface ServerFormat {
  /** The required log format. */
  format: string
  /** Why its access log can be joined with requests, or why not. */
  requests: string
  /** For lines of text. */
  createParser?: () => LineParser
  /** For lines of JSON. */
  parseJson?: (fields: JsonLine) => LineMessage | null
}

export type ServerName = keyof typeof serverFormats
export const serverFormats = {
  nginx: {
    format: 'the error log at level `notice`, which has to be set (the default is `error`)',
    requests:
      'as `apps/nginx/nginx.conf` writes them: one JSON object with the request’s id. Lines of `combined` have no id and no duration, ' +
      'and cannot be joined.',
    createParser: createNginxParser,
    parseJson: parseNginxAccess,
  },
  gunicorn: {
    format: 'the error log at level `info`, which is the default',
    requests:
      'as `apps/app/gunicorn.conf.py` writes them: one JSON object with the request’s id. Lines of the default `access_log_format` have ' +
      'no id and no duration, and cannot be joined.',
    createParser: () => parseGunicornLine,
    parseJson: parseGunicornAccess,
  },
  uvicorn: {
    format: 'the log at level `info`, which is the default, in uvicorn’s own format',
    requests: 'access lines have no id and no duration, and cannot be joined.',
    createParser: createUvicornParser,
  },
  apache: {
    format:
      'the error log at level `notice` (the default is `warn`, with which these lines are written too) in the default `ErrorLogFormat`, of prefork, worker and event',
    requests: 'lines of `common` and `combined` have no id and no duration, and cannot be joined.',
    createParser: createApacheParser,
  },
  haproxy: {
    format:
      'standard error of a process with a master (`-W`, as the official image starts it); one without says only that its proxies stop',
    requests:
      '`option httplog` to standard output in format `raw`, with `capture request header x-request-id len 64` as the only capture. Without it lines cannot be joined.',
    createParser: createHaproxyParser,
  },
  envoy: {
    format: 'the application log at level `info`, which is the default, in the default format',
    requests:
      'the default access log format, also with Istio’s additional fields, where Envoy keeps the client’s id (`preserve_external_request_id`).',
    createParser: () => parseEnvoyLine,
  },
  pino: {
    format:
      'JSON lines of pino whose message says that it listens, or which signal came; an application’s other words for its shutdown are not read',
    requests: "pino-http with its default serializers, or Fastify with `requestIdHeader: 'x-request-id'`.",
    parseJson: parsePinoLine,
  },
} as const satisfies Record<string, ServerFormat>
