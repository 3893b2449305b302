/**
 * Credentials from a program that the kubeconfig names
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). The client library runs
 * such a program without any limit, once for each request that finds no credentials yet, and shows what it printed.
 */
import type { RequestOptions } from 'node:https'
import type { ExecPlugin } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { runCommand } from '../../embedded/runtime/command.ts'
import type { CommandResult } from '../../embedded/runtime/command.ts'

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
  let result: CommandResult
  try {
    result = await runCommand([command, ...(args ?? [])], { limitMs, env: { ...process.env, ...own } })
  } catch (error) {
    const { cause } = error as Error
    if (!(cause instanceof Error && 'code' in cause)) throw error
    const why = cause.code === 'ENOENT' ? 'there is no such program' : `it cannot be run (${String(cause.code)})`
    throw new Error(why, { cause: error })
  }
  if (result.exitCode !== 0) throw new Error(`it ended with exit code ${result.exitCode}`)
  return result.stdout
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
