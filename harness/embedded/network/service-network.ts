/** Services in the kernel: one nftables table, similar to kube-proxy's nftables mode. */
import { writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { runChecked } from '../runtime/command.ts'
import { getNodeAddress, serviceRange } from './pod-network.ts'
import type { ServiceNetwork, ServiceRule } from '../runtime/runtime.ts'

/** kube-proxy's mark for packets to be masqueraded (its masqueradeBit 14). */
const nodePortMark = '0x4000'

/**
 * The chains are made once and stay hooked; only their contents are replaced. A connection is sent to a pod at its first packet, and
 * connection tracking keeps it there even when the rules change. A packet that still has a Service's address after the nat hooks has no
 * pod: it is refused if the Service exists, and dropped otherwise. Connections to a node's port come from the node, as with
 * `externalTrafficPolicy: Cluster`; without a pod the kernel refuses them, because no socket listens.
 */
const formatBaseRuleset = (nodes: readonly string[]): string => `
table ip nodrop {
  set node-addresses { type ipv4_addr; elements = { ${nodes.join(', ')} }; }
  set service-addresses { type ipv4_addr; }
  set hairpins { type ipv4_addr . ipv4_addr; }
  chain services { }
  chain node-ports { }
  chain dispatch {
    ip daddr @service-addresses jump services
    ip daddr @node-addresses jump node-ports
  }
  chain prerouting { type nat hook prerouting priority -100; jump dispatch; }
  chain output { type nat hook output priority -100; jump dispatch; }
  chain postrouting {
    type nat hook postrouting priority 100
    ip saddr . ip daddr @hairpins masquerade
    meta mark and ${nodePortMark} != 0 masquerade
  }
  chain unserved {
    ip daddr @service-addresses reject
    ip daddr ${serviceRange} drop
  }
  chain forward { type filter hook forward priority 0; ct state invalid drop; jump unserved; }
  chain node-output { type filter hook output priority 0; jump unserved; }
}
`

/** kube-proxy's settings on a node (KubeProxyConntrackConfiguration: tcpEstablishedTimeout 24h, tcpCloseWaitTimeout 1h). */
const conntrack = {
  nf_conntrack_tcp_timeout_established: '86400',
  nf_conntrack_tcp_timeout_close_wait: '3600',
  nf_conntrack_tcp_be_liberal: '0',
}

export async function makeServiceNetwork(nodes: number): Promise<ServiceNetwork> {
  const addresses = Array.from({ length: nodes }, (_, index) => getNodeAddress(index))
  await runChecked(['nft', '-f', '-'], { input: formatBaseRuleset(addresses) })
  for (const [name, value] of Object.entries(conntrack)) {
    try {
      writeFileSync(`/proc/sys/net/netfilter/${name}`, value)
    } catch {
      // Older kernels hide these from user namespaces; no run is longer than the defaults there.
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    program: async (rules) => {
      const input = formatTransaction(rules)
      // One at a time, so that the latest call's rules are in the kernel.
      const programmed = last.then(() => runChecked(['nft', '-f', '-'], { input }))
      last = programmed.catch(() => undefined)
      await programmed
    },
  }
}

/** A file given to `nft -f` is one transaction: no packet sees half of it (nft(8)). */
export function formatTransaction(rules: readonly ServiceRule[]): string {
  const lines = ['services', 'node-ports'].map((chain) => `flush chain ip nodrop ${chain}`)
  for (const set of ['service-addresses', 'hairpins']) lines.push(`flush set ip nodrop ${set}`)
  lines.push(
    ...formatElements(
      'service-addresses',
      rules.map(({ clusterIP }) => checkAddress(clusterIP)),
    ),
  )
  const pods = rules.flatMap(({ endpoints }) => endpoints.map(({ ip }) => checkAddress(ip)))
  lines.push(
    ...formatElements(
      'hairpins',
      pods.map((ip) => `${ip} . ${ip}`),
    ),
  )
  for (const rule of rules.filter(({ endpoints }) => endpoints.length > 0)) {
    const { clusterIP, port, nodePort } = rule
    const to = formatDestination(rule)
    lines.push(`add rule ip nodrop services ip daddr ${checkAddress(clusterIP)} tcp dport ${checkPort(port)} ${to}`)
    if (nodePort === undefined) continue
    const mark = `meta mark set mark or ${nodePortMark}`
    lines.push(`add rule ip nodrop node-ports tcp dport ${checkPort(nodePort)} ${mark} ${to}`)
  }
  return `${lines.join('\n')}\n`
}

function formatDestination({ endpoints }: ServiceRule): string {
  const targets = endpoints.map(({ ip, port }, index) => `${index} : ${checkAddress(ip)} . ${checkPort(port)}`)
  const random = `numgen random mod ${endpoints.length} map { ${targets.join(', ')} }`
  return `dnat ip to ${random}`
}

function formatElements(set: string, values: string[]): string[] {
  const unique = [...new Set(values)]
  return unique.length === 0 ? [] : [`add element ip nodrop ${set} { ${unique.join(', ')} }`]
}

/** Addresses come from API objects, and nft's language has no quoting. */
function checkAddress(text: string): string {
  if (!isIPv4(text)) throw new Error(`Cannot program a service rule: "${text}" is not an IPv4 address`)
  return text
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`Cannot program a service rule: ${port} is not a port`)
}
