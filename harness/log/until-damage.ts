import type { LogRecord } from '../model/record.ts'
import type { EventLog } from './reader.ts'
import { LogError } from './log-error.ts'

/** A log that ends where it is damaged, instead of throwing. `damage` has place and problem once the records have been read. */
export interface ReadableLog extends AsyncIterable<LogRecord> {
  readonly torn: boolean
  readonly damage: LogError | null
}

export function readUntilDamage(log: EventLog): ReadableLog {
  let damage: LogError | null = null
  return {
    get torn() {
      return log.torn || damage !== null
    },
    get damage() {
      return damage
    },
    async *[Symbol.asyncIterator]() {
      try {
        yield* log
      } catch (error) {
        if (!(error instanceof LogError)) throw error
        damage = error
      }
    },
  }
}
