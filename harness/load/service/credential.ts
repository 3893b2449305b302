/**
 * Who may use a driver's control port: the run that made it. The run sends a random token with each call; the driver is told
 * only the token's SHA-256, so whoever can read the driver's pod still has nothing to call it with.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface DriverCredential {
  /** To be sent with each call. */
  headers: Readonly<Record<string, string>>
  /** Of the token, in hexadecimal: what the driver has in `NODROP_DRIVER_TOKEN_SHA256`. */
  sha256: string
}

/** Not `Authorization`, which is for the API server on the way and goes no further. */
const header = 'x-nodrop-token'

export function createCredential(): DriverCredential {
  const token = randomBytes(32).toString('base64url')
  return { headers: { [header]: token }, sha256: hashToken(token).toString('hex') }
}

/** Digests have the same length, so that the time it takes tells nothing of the token. */
export function isAuthorized(headers: IncomingHttpHeaders, sha256: string): boolean {
  const given = headers[header]
  return typeof given === 'string' && timingSafeEqual(hashToken(given), Buffer.from(sha256, 'hex'))
}

/** Whether a text can be a digest; nobody could be admitted by another. */
export function isSha256(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text)
}

function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
