/** The kernel's counters of a network namespace, from `/proc/net/netstat` (net/ipv4/proc.c). */

/** TcpExtListenOverflows, TcpExtListenDrops and TcpExtTCPSynRetrans since the namespace was made. */
export interface TcpCounters {
  listenOverflows: number
  listenDrops: number
  synRetransmits: number
}

/** The file has pairs of lines: `TcpExt:` with names, then the same with values. */
export function parseNetstat(netstat: string): TcpCounters {
  const [names = '', values = ''] = netstat.split('\n').filter((line) => line.startsWith('TcpExt:'))
  const value = values.split(' ')
  const readCounter = (name: string): number => Number(value[names.split(' ').indexOf(name)] ?? 0)
  return {
    listenOverflows: readCounter('ListenOverflows'),
    listenDrops: readCounter('ListenDrops'),
    synRetransmits: readCounter('TCPSynRetrans'),
  }
}
