/** The kernel's counters of a pod's network namespace (`/proc/net/netstat`, net/ipv4/proc.c), for as long as the pod has one. */
import { closeSync, openSync, readSync } from 'node:fs'
import { parseNetstat } from '../../base/netstat.ts'
import type { TcpCounters } from '../../base/netstat.ts'

/**
 * An open file of proc keeps the namespace that it was opened for, so it can be read even after the pod's last process has ended. `null` if
 * the process is already gone.
 */
export function openCounters(pid: number): CounterFile | null {
  try {
    return new CounterFile(openSync(`/proc/${pid}/net/netstat`, 'r'))
  } catch {
    return null
  }
}

export class CounterFile {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(16_384)

  constructor(fd: number) {
    this.#fd = fd
  }

  read(): TcpCounters {
    const length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0)
    return parseNetstat(this.#buffer.toString('latin1', 0, length))
  }

  close(): void {
    closeSync(this.#fd)
  }
}
