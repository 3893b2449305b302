/**
 * Credentials from a program that the kubeconfig names
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). The client library runs
 * such a program without any limit, once for each request that finds no credentials yet, and shows what it printed.
 */
import type { RequestOptions } from 'node:https'
import type { ExecPlugin } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { runCommand } from '../../base/child-process.ts'

interface ExecCredential {
  status?: { token?: string; clientCertificateData?: string; clientKeyData?: string; expirationTimestamp?: string }
}

const limitMs = 30_000
/** So long before they expire new ones are asked for. */
const earlyMs = 10_000

export class PluginCredentials {
  readonly #plugin: ExecPlugin
  #current: Promise<ExecCredential> | null = null
  #expiresMs = Infinity

  constructor(plugin: ExecPlugin) {
    this.#plugin = plugin
  }

  /** What a request needs of them. Throws a Fault, without what the program printed, which may be credentials. */
  async options(): Promise<RequestOptions> {
    if (Date.now() > this.#expiresMs - earlyMs) this.#current = null
    this.#current ??= this.#run()
    const { status = {} } = await this.#current
    const { token, clientCertificateData: cert, clientKeyData: key } = status
    return {
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
      ...(cert && { cert }),
      ...(key && { key }),
    }
  }

  async #run(): Promise<ExecCredential> {
    const { command, args, env } = this.#plugin
    this.#expiresMs = Infinity
    try {
      const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
      const { exitCode, stdout } = await runCommand([command, ...(args ?? [])], {
        limitMs,
        env: { ...process.env, ...own },
      })
      if (exitCode !== 0) throw new Error(`it ended with exit code ${exitCode}`)
      const credential = parseCredential(stdout)
      const expires = Date.parse(credential.status?.expirationTimestamp ?? '')
      if (!Number.isNaN(expires)) this.#expiresMs = expires
      return credential
    } catch (error) {
      this.#current = null
      throw new Fault('environment', `The credential plugin ${command} failed: ${getErrorMessage(error)}`)
    }
  }
}

function parseCredential(output: string): ExecCredential {
  try {
    const credential = JSON.parse(output) as ExecCredential
    if (credential.status?.token ?? credential.status?.clientCertificateData) return credential
  } catch {
    // What is wrong with it would quote it.
  }
  throw new Error('it gave neither a token nor a certificate')
}
