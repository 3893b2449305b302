/**
 * Credentials from a program that the kubeconfig names
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). The client library runs
 * such a program without any limit, once for each request that finds no credentials yet, and shows what it printed.
 */
import type { RequestOptions } from 'node:https'
import type { ExecPlugin } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { CommandError, runCommand } from '../../base/child-process.ts'

interface ExecCredential {
  status?: { token?: string; clientCertificateData?: string; clientKeyData?: string; expirationTimestamp?: string }
}

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
 * Runs the program once, without a terminal, and gives what it printed. Throws an Error that says no word of that where it failed; one
 * that takes longer than `limitMs` is ended with all that it has started.
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
    // What is wrong with it would quote it.
  }
  throw new Error('it gave neither a token nor a certificate')
}
