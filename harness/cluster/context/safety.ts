/** Detects clusters that should not be disrupted by mistake: those named like production, and those that are publicly reachable. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'

/** Loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291). IPv4 within IPv6 counts as IPv4. */
const privateRanges = new BlockList()
for (const [address, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  privateRanges.addSubnet(address, bits, 'ipv4')
}
privateRanges.addAddress('::1', 'ipv6')
privateRanges.addSubnet('fc00::', 7, 'ipv6')
privateRanges.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whether a name suggests that real users depend on it: `prod`, `production`, `eu-prod1`, `myProd`, `live`, `prd`; not `product`,
 * `nonprod`, `preprod`, `delivery`.
 */
export function looksLikeProduction(name: string): boolean {
  const spaced = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return spaced
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => {
      if (['production', 'prd', 'live'].includes(word)) return true
      return /^prod(?!uc)/.test(word) || (word.endsWith('prod') && !/^(non|not|pre)/.test(word))
    })
}

/** What is done to a cluster in which the sample is deployed. */
const ownDoings = 'nodrop deploys there, sends load and evicts pods, all in namespaces of its own.'

/**
 * Returns the findings. Throws a Fault when the context looks like production or its server is not on a loopback or private address, unless
 * `allowed` is exactly that context's name. `doings`: a sentence about what would be done there.
 */
export async function checkSafety(
  { name, cluster }: NamedContext,
  allowed: string | undefined,
  doings: string = ownDoings,
): Promise<string> {
  if (allowed !== undefined && allowed !== name) {
    const advice = `Give --allow-context ${quoteShellWord(name)}, if that is what is meant.`
    throw new Fault('usage', `--allow-context is for the context ${allowed}, and this is ${name}`, advice)
  }
  const { server } = cluster.fields
  const { hostname } = new URL(server)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const named = [name, cluster.name, host].find(looksLikeProduction)
  if (named !== undefined) {
    if (allowed !== undefined) return `${named} looks like production, and was allowed by name`
    throw createRefusal(name, `${named === name ? 'it' : named} looks like production by its name`, doings)
  }
  const far = await findPublicAddress(host)
  if (far === undefined) return `${host} is a loopback or private address`
  if (allowed !== undefined) return `${far} is a public address, and was allowed by name`
  const where = far === host ? `${host}, which is` : `${host} at ${far}, which is`
  throw createRefusal(name, `its server is ${where} not a loopback or private address`, doings)
}

/** An address of a host that is neither loopback nor private nor link-local; `undefined` without one. */
export async function findPublicAddress(host: string): Promise<string | undefined> {
  return (await lookupAddresses(host)).find((address) => !isPrivateAddress(address))
}

function createRefusal(name: string, why: string, doings: string): Fault {
  return new Fault('usage', why, `${doings} If that is meant: --allow-context ${quoteShellWord(name)}`)
}

function isPrivateAddress(address: string): boolean {
  return privateRanges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

async function lookupAddresses(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    const advice = 'Is the name right, and does this machine have the network (VPN) in which it is known?'
    throw new Fault('environment', `the address of ${host} cannot be found: ${getErrorMessage(error)}`, advice)
  }
}
