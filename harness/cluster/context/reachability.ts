/** Whether the API of a context answers, and if not, why, in plain words. All checks have a time limit. */
import { X509Certificate } from 'node:crypto'
import type { VersionInfo } from '@kubernetes/client-node'
import type { ExecPlugin, NamedContext } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { KubeApi } from '../api.ts'
import { runPlugin } from './plugin-credentials.ts'

const renew = 'Get new credentials for the context.'
const rightServer = 'Is that the address of a Kubernetes API, and nothing between that answers in its place?'

/**
 * Returns the kind of the credentials. Throws a Fault if they cannot be used, without contacting the server; a program that provides them
 * has `limitMs`, default half a minute.
 */
export async function checkCredentials({ name, user }: NamedContext, limitMs?: number): Promise<string> {
  const { exec, 'client-certificate-data': certificate } = user.fields
  if (exec) {
    await tryPlugin(exec, name, limitMs)
    return `from ${exec.command}`
  }
  return certificate === undefined ? `of ${user.name}` : checkCertificate(certificate)
}

function checkCertificate(base64: string): string {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(Buffer.from(base64, 'base64'))
  } catch (error) {
    throw new Fault('environment', `its client certificate cannot be read: ${getErrorMessage(error)}`, renew)
  }
  const { validToDate } = certificate
  const until = validToDate.toISOString().slice(0, 10)
  if (validToDate.getTime() > Date.now()) return `a client certificate, valid until ${until}`
  throw new Fault('environment', `its client certificate expired on ${until}`, renew)
}

/** Runs it once, before the client runs it repeatedly. Its output may be credentials, even on failure, and is in no message. */
async function tryPlugin(plugin: ExecPlugin, context: string, limitMs?: number): Promise<void> {
  const { command, installHint = '' } = plugin
  try {
    assertCredentials(await runPlugin(plugin, limitMs))
  } catch (error) {
    const seen = `kubectl --context ${context} get namespaces shows what it says`
    const advice = installHint || `Log in as ${command} wants it, and try again; ${seen}.`
    throw new Fault('environment', `its credential plugin ${command} failed: ${getErrorMessage(error)}`, advice)
  }
}

function assertCredentials(printed: string): void {
  let credential: { status?: { token?: string; clientCertificateData?: string } } | null
  try {
    credential = JSON.parse(printed) as typeof credential
  } catch {
    throw new Error('what it printed is not JSON')
  }
  const { token, clientCertificateData } = credential?.status ?? {}
  if (token === undefined && clientCertificateData === undefined) {
    throw new Error('it gave neither a token nor a certificate')
  }
}

/** Returns the version of Kubernetes. Throws a Fault when there is no answer in time or the credentials are refused. */
export async function checkReachable(api: KubeApi, { cluster }: NamedContext, limitMs: number): Promise<string> {
  const { server } = cluster.fields
  const getPath = (path: string): Promise<{ status: number; body: string }> =>
    api.request({ path, signal: AbortSignal.timeout(limitMs) })
  let answers: { status: number; body: string }[]
  try {
    // Servers reveal their version to anyone, but permissions only to known users.
    answers = [await getPath('/version'), await getPath('/api/v1/namespaces/kube-system')]
  } catch (error) {
    throw createUnreachableFault(server, error, limitMs)
  }
  if (answers.some(({ status }) => status === 401)) {
    const advice = 'They may have expired: log in again, or get a new token or certificate for the context.'
    throw new Fault('environment', `${server} does not accept its credentials (401)`, advice)
  }
  const [version] = answers
  if (version?.status !== 200)
    throw new Fault('environment', `${server} answered GET /version with ${version?.status}`, rightServer)
  const named = parseVersion(version.body)
  if (named !== null) return named
  throw new Fault('environment', `${server} is not a Kubernetes API: GET /version returned no version`, rightServer)
}

function parseVersion(body: string): string | null {
  try {
    const { gitVersion } = JSON.parse(body) as Partial<VersionInfo>
    return typeof gitVersion === 'string' ? gitVersion : null
  } catch {
    return null
  }
}

const otherAuthority = 'its certificate is not signed by the authority that the kubeconfig names'
/** By Node's error codes (system errors, and OpenSSL's verification results). */
const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'its name is not known',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: otherAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherAuthority,
  CERT_SIGNATURE_FAILURE: otherAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS',
}

function createUnreachableFault(server: string, error: unknown, limitMs: number): Fault {
  // Node's client only reports that it was aborted; here only the time limit aborts it.
  const late = error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name)
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const why = late
    ? `it did not answer in ${limitMs / 1000} s`
    : (reasons[code] ?? getErrorMessage(error).split('\n', 1)[0])
  const advice = /CERT|TLS|SSL|EPROTO/.test(code)
    ? 'Get the kubeconfig of this cluster again from its administrator.'
    : 'Is the cluster running, and does this machine reach its network (VPN)?'
  return new Fault('environment', `${server} cannot be reached: ${why}`, advice)
}
