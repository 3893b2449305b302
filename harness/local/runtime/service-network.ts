/** Services in the kernel: one nftables table, in the manner of kube-proxy's nftables mode. */
import { writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { mustRun } from './command.ts'
import { serviceRange } from './pod-network.ts'
import type { ServiceNetwork, ServiceRule } from './runtime.ts'

/**
 * The chains are made once and stay hooked; only what is in them is replaced. A connection is sent to a pod at its first
 * packet, and connection tracking keeps it there whatever the rules say later. What still has a Service's address after
 * the nat hooks has no pod behind it: refused where the Service exists, dropped otherwise.
 */
const skeleton = `
table ip nodrop {
  set service-addresses { type ipv4_addr; }
  set hairpins { type ipv4_addr . ipv4_addr; }
  chain services { }
  chain prerouting { type nat hook prerouting priority -100; ip daddr @service-addresses jump services; }
  chain output { type nat hook output priority -100; ip daddr @service-addresses jump services; }
  chain postrouting { type nat hook postrouting priority 100; ip saddr . ip daddr @hairpins masquerade; }
  chain unserved {
    ip daddr @service-addresses reject
    ip daddr ${serviceRange} drop
  }
  chain forward { type filter hook forward priority 0; ct state invalid drop; jump unserved; }
  chain node-output { type filter hook output priority 0; jump unserved; }
}
`

/** What kube-proxy sets on a node (KubeProxyConntrackConfiguration: tcpEstablishedTimeout 24h, tcpCloseWaitTimeout 1h). */
const conntrack = {
  nf_conntrack_tcp_timeout_established: '86400',
  nf_conntrack_tcp_timeout_close_wait: '3600',
  nf_conntrack_tcp_be_liberal: '0',
}

export async function makeServiceNetwork(): Promise<ServiceNetwork> {
  await mustRun(['nft', '-f', '-'], { input: skeleton })
  for (const [name, value] of Object.entries(conntrack)) {
    try {
      writeFileSync(`/proc/sys/net/netfilter/${name}`, value)
    } catch {
      // Older kernels keep these from user namespaces; no run lasts as long as the defaults there.
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    program: async (rules) => {
      const input = transactionOf(rules)
      // One at a time, so that the rules in the kernel are those of the latest call.
      const programmed = last.then(() => mustRun(['nft', '-f', '-'], { input }))
      last = programmed.catch(() => undefined)
      await programmed
    },
  }
}

/** A file given to `nft -f` is one transaction: no packet meets half of it (nft(8)). */
export function transactionOf(rules: readonly ServiceRule[]): string {
  const lines = ['services'].map((chain) => `flush chain ip nodrop ${chain}`)
  for (const set of ['service-addresses', 'hairpins']) lines.push(`flush set ip nodrop ${set}`)
  lines.push(
    ...elements(
      'service-addresses',
      rules.map(({ clusterIP }) => address(clusterIP)),
    ),
  )
  const pods = rules.flatMap(({ endpoints }) => endpoints.map(({ ip }) => address(ip)))
  lines.push(
    ...elements(
      'hairpins',
      pods.map((ip) => `${ip} . ${ip}`),
    ),
  )
  for (const rule of rules)
    if (rule.endpoints.length > 0) lines.push(`add rule ip nodrop services ${destination(rule)}`)
  return `${lines.join('\n')}\n`
}

function destination({ clusterIP, port, endpoints }: ServiceRule): string {
  const targets = endpoints.map(({ ip, port }, index) => `${index} : ${address(ip)} . ${portNumber(port)}`)
  const random = `numgen random mod ${endpoints.length} map { ${targets.join(', ')} }`
  return `ip daddr ${address(clusterIP)} tcp dport ${portNumber(port)} dnat ip to ${random}`
}

function elements(set: string, values: string[]): string[] {
  const unique = [...new Set(values)]
  return unique.length === 0 ? [] : [`add element ip nodrop ${set} { ${unique.join(', ')} }`]
}

/** These come from API objects, and nft's language has no quoting. */
function address(text: string): string {
  if (!isIPv4(text)) throw new Error(`Cannot program a service rule: "${text}" is not an IPv4 address`)
  return text
}

function portNumber(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`Cannot program a service rule: ${port} is not a port`)
}
