/**
 * Pods' networks: each a network namespace behind a veth pair, routed by the cluster's own namespace, as with kind's ptp plugin. The
 * logical nodes of the cluster share that namespace.
 */
import { writeFileSync } from 'node:fs'
import { runChecked } from '../runtime/command.ts'
import type { SandboxConfig } from '../runtime/runtime.ts'

/** The address of the logical node with this number, from 0, as on kind's Docker network. */
export function getNodeAddress(index: number): string {
  return `172.18.${(index + 2) >> 8}.${(index + 2) & 255}`
}

const gateway = '10.244.0.1'
const podRange = '10.244.0.0/16'
export const serviceRange = '10.96.0.0/16'
/** Each node has a part of the pods' range, as in kind. */
const maxNodes = 254

/** The addresses of a node's pods, and the name of the namespace that answers for pods that are gone. */
function getNodeRange(node: number): { range: string; first: string; name: string } {
  const prefix = `10.244.${node + 1}`
  return { range: `${prefix}.0/24`, first: `${prefix}.1`, name: `node-${node + 1}` }
}

/** Routing tables for gone pods: on the client's own node, and on other nodes. */
const ownNodeTable = 1_000
const otherNodesTable = 1_001

export interface PodNetwork {
  ip: string
  /** Name of the network namespace and, with a prefix, of the node's end of the veth pair. */
  name: string
  /** The network namespace as a path. */
  path: string
}

/** Set here, because a new network namespace may inherit other values from the machine. */
const settings: Record<string, string> = {
  'ipv4/ip_forward': '1',
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  // The gateway's address is on lo, but pods send ARP requests for it on their veth.
  'ipv4/conf/all/arp_ignore': '0',
  'ipv4/conf/default/arp_ignore': '0',
  // A pod that reaches itself through a Service gets the packet on the interface that sent it.
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
}

const makePodScript = `
ip netns add "$1"
printf %s "$2" | ip -batch -
inside=$3 name=$1
shift 3
nsenter --net="/run/netns/$name" sh -ec '
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  printf %s "$1" | ip -batch -
  shift
  while [ $# -gt 0 ]; do
    printf %s "$2" >"/proc/sys/$1"
    shift 2
  done' sh "$inside" "$@"`

/** Prepares this process's network namespace for the given number of logical nodes. */
export async function makeNodeNetwork(nodes: number): Promise<void> {
  if (nodes > maxNodes) throw new Error(`Cannot be the machine of ${nodes} nodes: ${maxNodes} have pod addresses`)
  const commands = [
    'link set lo up',
    // The node's default interface, which leads nowhere. Not a route through lo: the kernel sends no ICMP errors for packets there.
    'link add eth0 type veth peer name nowhere',
    'link set eth0 up',
    'link set nowhere up',
    ...Array.from({ length: nodes }, (_, index) => `address add ${getNodeAddress(index)}/32 dev eth0`),
    `address add ${gateway}/32 dev lo`,
    // Never used itself: a packet needs a route to reach the rules that send it to a pod.
    `route add ${serviceRange} dev eth0 src ${getNodeAddress(0)}`,
  ]
  await runChecked(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
  await routeToRemovedPods(Array.from({ length: nodes }, (_, index) => getNodeRange(index)))
  for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, value)
}

const makeRemoteNodeScript = `
ip netns add "$1"
ip link add "$1" type veth peer name eth0 netns "$1"
ip link set "$1" up
nsenter --net="/run/netns/$1" sh -ec '
  echo 1 >/proc/sys/net/ipv4/ip_forward
  printf %s "$1" | ip -batch -' sh "$2"`

/**
 * For a pod that is gone, a node answers that the host is unreachable, at a rate that the kernel limits for each client; further packets
 * are dropped. The place of the answer matters. On the client's own node the packet has no route, and connection tracking forgets the
 * choice of that pod: a retransmitted SYN may go to another. From another node the packet has been forwarded, the choice is confirmed, and
 * all retransmissions go the same way. So packets from another node's pods leave this namespace and get the answer in one that represents
 * the gone pod's node.
 */
async function routeToRemovedPods(parts: readonly ReturnType<typeof getNodeRange>[]): Promise<void> {
  for (const { range, first, name } of parts) {
    const commands = [
      'link set lo up',
      `address add ${first}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway}/32 dev eth0 scope link`,
      `route add default via ${gateway} dev eth0 src ${first}`,
      `route add unreachable ${range}`,
    ]
    await runChecked(['sh', '-ec', makeRemoteNodeScript, 'sh', name, `${commands.join('\n')}\n`])
  }
  // The main table, which comes first, has a route to each existing pod.
  const commands = [
    `route add unreachable ${podRange} table ${ownNodeTable}`,
    `rule add pref 33000 iif lo lookup ${ownNodeTable}`,
    ...parts.map(({ range }) => `rule add pref 33001 from ${range} to ${range} lookup ${ownNodeTable}`),
    ...parts.map(
      ({ range, first, name }) => `route add ${range} via ${first} dev ${name} onlink table ${otherNodesTable}`,
    ),
    `route add unreachable ${podRange} table ${otherNodesTable}`,
    `rule add pref 33002 lookup ${otherNodesTable}`,
  ]
  await runChecked(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** Gives pods the addresses of their node in turn, so that an address is not reused soon. */
export class PodNetworks {
  readonly #used = new Set<string>()
  readonly #last = new Map<number, number>()

  /** `node`: the number of the pod's logical node, from 0; `sysctls`: those of the network. */
  async create(id: string, node: number, sysctls: SandboxConfig['sysctls'] = []): Promise<PodNetwork> {
    const ip = this.#nextAddress(node)
    const veth = formatVethName(id)
    const outside = [
      `link add ${veth} type veth peer name eth0 netns ${id}`,
      `link set ${veth} up`,
      `route add ${ip}/32 dev ${veth} src ${gateway}`,
    ]
    const inside = [
      'link set lo up',
      `address add ${ip}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway}/32 dev eth0 scope link`,
      `route add default via ${gateway} dev eth0 src ${ip}`,
    ]
    try {
      // containerd lets pods listen on ports below 1024 without privileges (`enable_unprivileged_ports`).
      const settings = sysctls.flatMap(({ name, value }) => [name.replaceAll('.', '/'), value])
      const commands = [outside, inside].map((lines) => `${lines.join('\n')}\n`)
      await runChecked(['sh', '-ec', makePodScript, 'sh', id, ...commands, ...settings])
    } catch (error) {
      await this.remove({ ip, name: id, path: '' })
      throw error
    }
    return { ip, name: id, path: `/run/netns/${id}` }
  }

  /** From here on the address is unreachable. */
  async remove({ ip, name }: PodNetwork): Promise<void> {
    const commands = `ip link delete ${formatVethName(name)} 2>/dev/null; ip netns delete ${name} 2>/dev/null; true`
    await runChecked(['sh', '-c', commands])
    this.#used.delete(ip)
  }

  #nextAddress(node: number): string {
    // …2 to …254 of the node's part of the range.
    for (let tries = 0; tries < 253; tries++) {
      const last = ((this.#last.get(node) ?? 1) % 254) + 1
      this.#last.set(node, last)
      const ip = `10.244.${node + 1}.${last}`
      if (last === 1 || this.#used.has(ip)) continue
      this.#used.add(ip)
      return ip
    }
    throw new Error(`Cannot give a pod an address: all of ${getNodeRange(node).range} are in use`)
  }
}

/** An interface's name has at most 15 characters. */
function formatVethName(id: string): string {
  return `veth${id.slice(0, 11)}`
}
