/**
 * Who may use a driver's control port: only the run that made it. The run sends a random token with each call; the driver knows only the
 * token's SHA-256, so read access to the driver's pod is not enough to call it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface DriverCredential {
  /** Headers to send with each call. */
  headers: Readonly<Record<string, string>>
  /** The SHA-256 of the token, in hexadecimal, for the driver's `NODROP_DRIVER_TOKEN_SHA256`. */
  sha256: string
}

/** Not `Authorization`, which the API server on the way consumes. */
const header = 'x-nodrop-token'

export function createCredential(): DriverCredential {
  const token = randomBytes(32).toString('base64url')
  return { headers: { [header]: token }, sha256: hashToken(token).toString('hex') }
}

/** All digests have the same length, so the time of the comparison reveals nothing about the token. */
export function isAuthorized(headers: IncomingHttpHeaders, sha256: string): boolean {
  const given = headers[header]
  return typeof given === 'string' && timingSafeEqual(hashToken(given), Buffer.from(sha256, 'hex'))
}

/** Whether a text can be a digest; with any other text every call would be refused. */
export function isSha256(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text)
}

function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
