/** The address to which the kernel sent each new connection, in columns: as many rows as requests on new connections. */
import type { PlainRecord } from '../../model/plain-record.ts'
import { growColumn } from '../facts/grow-column.ts'
import { PortTimes } from './port-times.ts'
import type { PortOfDriver } from './port-times.ts'

type TranslationRecord = Extract<PlainRecord, { type: 'translation' }>

export class TranslationTable {
  /** The largest error of the times. */
  mostErrorUs = 0
  readonly #times = new PortTimes()
  #to = new Uint32Array(1024)
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  get size(): number {
    return this.#times.size
  }

  add({ t, driver, errorUs, to, ports, times, places }: TranslationRecord): void {
    this.mostErrorUs = Math.max(this.mostErrorUs, errorUs)
    let atUs = t
    for (const [index, port] of ports.entries()) {
      atUs += times[index] ?? 0
      const row = this.#times.add(driver, port, atUs)
      if (row === this.#to.length) this.#to = growColumn(this.#to)
      this.#to[row] = this.#numberOf(to[places[index] ?? 0] ?? '')
    }
  }

  /** The addresses with ports to which connections from a port were sent in `[fromUs, toUs)`, in order of time. */
  listBetween(from: PortOfDriver, fromUs: number, toUs: number): string[] {
    return this.#times.listBetween(from, fromUs, toUs).map((row) => this.#names[this.#to[row] ?? 0] ?? '')
  }

  #numberOf(to: string): number {
    const known = this.#numbers.get(to)
    if (known !== undefined) return known
    const number = this.#names.push(to) - 1
    this.#numbers.set(to, number)
    return number
  }
}
