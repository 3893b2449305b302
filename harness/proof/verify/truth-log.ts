/**
 * The fault server's own log, with a line for each request that it received completely, in order:
 *
 *     <id> <method> <connection> <use> <remote port> <fault> <cut> answered|late <taken up at, µs>
 *
 * one for each connection that it cut right after accepting it: `accept <connection> <remote port> fin|rst <at, µs>`; one for each time in
 * which it could do nothing: `still <from, µs> <to, µs>`; and one for each in which the kernel turned connections away because an accept
 * queue was full: `full <from, µs> <to, µs>`. Times are CLOCK_MONOTONIC.
 */
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { monotonicUs } from '../../base/clock.ts'
import { faultNames } from '../faults/fault-kinds.ts'
import type { FaultName } from '../faults/fault-kinds.ts'
import type { ServedRequest } from '../faults/fault-server.ts'

export type TruthLine =
  | ({ type: 'served' } & Pick<
      ServedRequest,
      'id' | 'method' | 'use' | 'remotePort' | 'fault' | 'cut' | 'answered' | 'atUs'
    >)
  | { type: 'cut-at-accept'; remotePort: number; how: 'fin' | 'rst'; atUs: number }
  | { type: 'still'; fromUs: number; toUs: number }
  | { type: 'full'; fromUs: number; toUs: number }

/** Lines wait in memory up to this length. */
const blockLength = 1 << 16

export class TruthLog {
  readonly #fd: number
  #text = ''

  constructor(path: string) {
    this.#fd = openSync(path, 'wx')
  }

  addServed({ id, method, connection, use, remotePort, fault, cut, answered, atUs }: ServedRequest): void {
    const how = answered ? 'answered' : 'late'
    this.#add(`${id} ${method} ${connection} ${use} ${remotePort} ${fault} ${cut} ${how} ${atUs}`)
  }

  addCutAtAccept(connection: number, remotePort: number, how: 'fin' | 'rst'): void {
    this.#add(`accept ${connection} ${remotePort} ${how} ${monotonicUs()}`)
  }

  addSpan(type: 'still' | 'full', fromUs: number, toUs: number): void {
    this.#add(`${type} ${fromUs} ${toUs}`)
  }

  close(): void {
    this.#flush()
    closeSync(this.#fd)
  }

  #add(line: string): void {
    this.#text += `${line}\n`
    if (this.#text.length >= blockLength) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text)
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done)
    this.#text = ''
  }
}

export async function* readTruth(path: string): AsyncGenerator<TruthLine> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield parseLine(line)
}

function parseLine(line: string): TruthLine {
  const words = line.split(' ')
  if (words[0] === 'accept' && words.length === 5) {
    return {
      type: 'cut-at-accept',
      remotePort: Number(words[2]),
      how: words[3] === 'fin' ? 'fin' : 'rst',
      atUs: Number(words[4]),
    }
  }
  if ((words[0] === 'still' || words[0] === 'full') && words.length === 3) {
    return { type: words[0], fromUs: Number(words[1]), toUs: Number(words[2]) }
  }
  const [id = '', method = '', , use, remotePort, fault, cut, answered, atUs] = words
  if (words.length !== 9 || !faults.has(fault)) throw new Error(`Cannot read the fault server's log: ${line}`)
  return {
    type: 'served',
    id,
    method,
    use: Number(use),
    remotePort: Number(remotePort),
    fault: fault as FaultName,
    cut: Number(cut),
    answered: answered === 'answered',
    atUs: Number(atUs),
  }
}

const faults: ReadonlySet<string | undefined> = new Set(faultNames)
