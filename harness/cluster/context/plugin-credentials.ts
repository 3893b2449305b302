/**
 * Credentials from a program that the kubeconfig names
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). The client library runs such a
 * program without a time limit, once for each request that has no credentials yet, and shows its output.
 */
import type { RequestOptions } from 'node:https'
import type { ExecPlugin } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { CommandError, runCommand } from '../../base/child-process.ts'

interface ExecCredential {
  status?: { token?: string; clientCertificateData?: string; clientKeyData?: string; expirationTimestamp?: string }
}

/** How long before their expiry new credentials are requested. */
const earlyMs = 10_000

export class PluginCredentials {
  readonly #plugin: ExecPlugin
  #current: Promise<ExecCredential> | null = null
  #expiresMs = Infinity

  constructor(plugin: ExecPlugin) {
    this.#plugin = plugin
  }

  /** The request options with the credentials. Throws a Fault without the program's output, which may be credentials. */
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
    const { command } = this.#plugin
    this.#expiresMs = Infinity
    try {
      const credential = parseCredential(await runPlugin(this.#plugin))
      const expires = Date.parse(credential.status?.expirationTimestamp ?? '')
      if (!Number.isNaN(expires)) this.#expiresMs = expires
      return credential
    } catch (error) {
      this.#current = null
      throw new Fault('environment', `The credential plugin ${command} failed: ${getErrorMessage(error)}`)
    }
  }
}

/**
 * Runs the program once, without a terminal, and returns its output. Throws an Error without that output if it failed; after `limitMs` it
 * is ended with all processes that it has started.
 */
export async function runPlugin({ command, args, env }: ExecPlugin, limitMs = 30_000): Promise<string> {
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
  try {
    const options = { limitMs, env: { ...process.env, ...own } }
    const { exitCode, signal, stdout } = await runCommand([command, ...(args ?? [])], options)
    if (exitCode === 0) return stdout
    throw new Error(exitCode === null ? `it was ended by ${signal}` : `it ended with exit code ${exitCode}`)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new Error(describeFailure(error.kind, limitMs), { cause: error })
  }
}

function describeFailure(kind: CommandError['kind'], limitMs: number): string {
  const says: { [K in CommandError['kind']]: string } = {
    'timed-out': `it did not end in ${limitMs / 1000} s`,
    'not-found': 'there is no such program',
    'not-started': 'it cannot be run',
    'too-much-output': 'what it printed is too long',
  }
  return says[kind]
}

function parseCredential(output: string): ExecCredential {
  try {
    const credential = JSON.parse(output) as ExecCredential
    if (credential.status?.token ?? credential.status?.clientCertificateData) return credential
  } catch {
    // The parser's message would quote the output.
  }
  throw new Error('it gave neither a token nor a certificate')
}
