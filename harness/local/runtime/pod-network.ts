/**
 * Pods' networks: each a network namespace behind a veth pair, routed by the cluster's own namespace, as kind's ptp plugin
 * lays them out. The logical nodes of the cluster share that one namespace.
 */
import { writeFileSync } from 'node:fs'
import { mustRun } from './command.ts'

/** The address of the logical node of this number, from 0: as kind gives them on its Docker network. */
export function nodeAddress(index: number): string {
  return `172.18.${(index + 2) >> 8}.${(index + 2) & 255}`
}

const gateway = '10.244.0.1'
const podRange = '10.244.0.0/16'
export const serviceRange = '10.96.0.0/16'

export interface PodNetwork {
  ip: string
  /** Name of the network namespace and, with a prefix, of the node's end of the veth pair. */
  name: string
  /** The network namespace as a path. */
  path: string
}

/** Set here, as a new network namespace may inherit anything from the machine. */
const settings: Record<string, string> = {
  'ipv4/ip_forward': '1',
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  // The gateway's address is on lo, and pods ask for it on their veth.
  'ipv4/conf/all/arp_ignore': '0',
  'ipv4/conf/default/arp_ignore': '0',
  // A pod that reaches itself through a Service comes back on the interface that it left by.
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
}

const makePod = `
ip netns add "$1"
printf %s "$2" | ip -batch -
nsenter --net="/run/netns/$1" sh -ec '
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  printf %s "$1" | ip -batch -' sh "$3"`

/** Prepares this process's network namespace to be the machine of so many logical nodes. */
export async function makeNodeNetwork(nodes: number): Promise<void> {
  const commands = [
    'link set lo up',
    // The node's way out, which leads nowhere. Not a route through lo: the kernel sends no ICMP errors for packets there.
    'link add eth0 type veth peer name nowhere',
    'link set eth0 up',
    'link set nowhere up',
    ...Array.from({ length: nodes }, (_, index) => `address add ${nodeAddress(index)}/32 dev eth0`),
    `address add ${gateway}/32 dev lo`,
    // To a pod that is gone a node answers that the host is unreachable; without this the default route would take it.
    `route add unreachable ${podRange}`,
    // Never used as it stands: a packet needs a route to get as far as the rules that send it to a pod.
    `route add ${serviceRange} dev eth0 src ${nodeAddress(0)}`,
  ]
  await mustRun(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
  for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, value)
}

/** Gives pods their addresses in turn, so that an address is not soon another pod's. */
export class PodNetworks {
  readonly #used = new Set<string>()
  #last = 1

  async create(id: string): Promise<PodNetwork> {
    const ip = this.#nextAddress()
    const veth = vethOf(id)
    const node = [
      `link add ${veth} type veth peer name eth0 netns ${id}`,
      `link set ${veth} up`,
      `route add ${ip}/32 dev ${veth} src ${gateway}`,
    ]
    const pod = [
      'link set lo up',
      `address add ${ip}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway}/32 dev eth0 scope link`,
      `route add default via ${gateway} dev eth0 src ${ip}`,
    ]
    try {
      // containerd lets pods listen below port 1024 without privileges (`enable_unprivileged_ports`).
      await mustRun(['sh', '-ec', makePod, 'sh', id, `${node.join('\n')}\n`, `${pod.join('\n')}\n`])
    } catch (error) {
      await this.remove({ ip, name: id, path: '' })
      throw error
    }
    return { ip, name: id, path: `/run/netns/${id}` }
  }

  /** From here on the address is unreachable. */
  async remove({ ip, name }: PodNetwork): Promise<void> {
    const commands = `ip link delete ${vethOf(name)} 2>/dev/null; ip netns delete ${name} 2>/dev/null; true`
    await mustRun(['sh', '-c', commands])
    this.#used.delete(ip)
  }

  #nextAddress(): string {
    // 10.244.0.2 … 10.244.255.254, without those that end in 0 or 255.
    for (let tries = 0; tries < 65_536; tries++) {
      this.#last = (this.#last + 1) % 65_536
      const ip = `10.244.${this.#last >> 8}.${this.#last & 255}`
      if ([0, 255].includes(this.#last & 255) || ip === gateway || this.#used.has(ip)) continue
      this.#used.add(ip)
      return ip
    }
    throw new Error(`Cannot give a pod an address: all of ${podRange} are in use`)
  }
}

/** An interface's name has at most 15 characters. */
function vethOf(id: string): string {
  return `veth${id.slice(0, 11)}`
}
