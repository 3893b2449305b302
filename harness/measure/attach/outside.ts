/** `--url`: the load goes from this machine to an address outside the cluster, as that of the target's clients. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { looksLikeProduction } from '../../cluster/context/safety.ts'
import type { TlsPlan } from '../../model/load/client.ts'
import type { Via } from '../../model/plan.ts'
import { readCertificates } from './service-tls.ts'

/** The command-line options, named as curl's. */
export interface OutsideOptions {
  url?: string
  /** File of certificate authorities (PEM), in place of those that this machine trusts. */
  cacert?: string
  /** Disables the verification of the certificate. */
  insecure?: boolean
}

export interface Outside {
  scheme: 'http' | 'https'
  host: string
  port: number
  /** With the query; `null` if the URL has none. */
  path: string | null
  /** `null` for plain HTTP. */
  tls: TlsPlan | null
}

export type UrlVia = Extract<Via, { kind: 'url' }>

const lookupLimitMs = 10_000

/** `null` without a URL. Throws a usage Fault for a URL that cannot be a load's target. */
export function readOutside(
  { url, cacert, insecure = false }: OutsideOptions,
  mayLookLikeProduction: boolean,
): Outside | null {
  if (url === undefined) {
    const [idle] = [...(cacert === undefined ? [] : ['--cacert']), ...(insecure ? ['--insecure'] : [])]
    if (idle === undefined) return null
    throw new Fault('usage', `Cannot use ${idle} without --url`)
  }
  const parsed = parseUrl(url)
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  if (looksLikeProduction(host) && !mayLookLikeProduction) {
    const advice = 'If that is meant: --allow-context with the name of the context.'
    throw new Fault('usage', `Cannot send load to ${host}: it looks like production by its name`, advice)
  }
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http'
  const path = parsed.pathname + parsed.search
  return {
    scheme,
    host,
    port: Number(parsed.port) || (scheme === 'https' ? 443 : 80),
    path: path === '/' ? null : path,
    tls: readTls(scheme, host, { insecure, ...(cacert !== undefined && { cacert }) }),
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Fault('usage', `Cannot use --url ${text}: must be like https://shop.staging.example:8443`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new Fault('usage', 'Cannot use --url with a user in it: it would be in the plan')
  }
  if (url.hash !== '') throw new Fault('usage', `Cannot use --url ${text}: what follows # is never sent`)
  return url
}

function readTls(
  scheme: Outside['scheme'],
  host: string,
  { cacert, insecure = false }: OutsideOptions,
): TlsPlan | null {
  if (scheme === 'http') {
    if (cacert !== undefined || insecure)
      throw new Fault('usage', `Cannot use ${insecure ? '--insecure' : '--cacert'} with http: there is no certificate`)
    return null
  }
  if (insecure && cacert !== undefined) throw new Fault('usage', 'Cannot use --cacert with --insecure: one of them')
  // RFC 6066 §3: an IP address is not a server name.
  const name = isIP(host) === 0 ? { serverName: host } : {}
  if (insecure) return { unverified: true, ...name }
  return cacert === undefined
    ? { roots: 'system', ...name }
    : { ca: readCertificates(cacert, `Cannot use --cacert ${cacert}: must have certificates in PEM`), ...name }
}

/** Resolved once: no connection waits for a name lookup, and the load has one address. Throws a Fault of the kind `environment`. */
export async function resolveOutside({ scheme, host, port }: Outside): Promise<UrlVia> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(new Error(`no answer within ${lookupLimitMs / 1000} s`)), lookupLimitMs)
  try {
    const { address } = await Promise.race([lookup(host), limit.promise])
    return { kind: 'url', scheme, host, port, address }
  } catch (error) {
    const advice = 'Is the name right, and does this machine have the network (VPN) in which it is known?'
    throw new Fault('environment', `Cannot find the address of ${host}: ${getErrorMessage(error)}`, advice)
  } finally {
    clearTimeout(timer)
  }
}
