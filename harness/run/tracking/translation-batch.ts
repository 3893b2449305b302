/** Collects the new connections of a driver or an ingress controller's pod, so that one record has many of them. */
import type { LogRecord } from '../../model/record.ts'
import type { Instant } from '../observe/node-timestamps.ts'

type TranslationRecord = Extract<LogRecord, { type: 'translation' }>

export class TranslationBatch {
  readonly #driver: number
  readonly #hop: 'controller' | undefined
  readonly #to = new Map<string, number>()
  readonly #ports: number[] = []
  readonly #times: number[] = []
  readonly #places: number[] = []
  #errorUs = 0

  constructor(driver: number, hop?: 'controller') {
    this.#driver = driver
    this.#hop = hop
  }

  get size(): number {
    return this.#ports.length
  }

  add(port: number, to: string, { at, errorUs }: Instant): void {
    const place = this.#to.get(to) ?? this.#to.size
    this.#to.set(to, place)
    this.#ports.push(port)
    this.#times.push(at)
    this.#places.push(place)
    this.#errorUs = Math.max(this.#errorUs, errorUs)
  }

  toRecord(t: number): TranslationRecord {
    return {
      type: 'translation',
      t,
      driver: this.#driver,
      ...(this.#hop && { hop: this.#hop }),
      errorUs: this.#errorUs,
      to: [...this.#to.keys()],
      ports: this.#ports,
      times: this.#times.map((at, index) => at - (this.#times[index - 1] ?? t)),
      places: this.#places,
    }
  }
}
