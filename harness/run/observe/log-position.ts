/** How far a container's log was read. A reading that begins a little before that position then repeats nothing and misses nothing. */
import { parseWallUs } from './node-timestamps.ts'

export interface ContainerLine {
  /** The container runtime's stamp: its node's wall clock, µs since 1970. */
  wallUs: number
  text: string
}

/** Stamps of one container's two streams may be out of order by less than this. */
const overlapUs = 1_000_000
/** API servers pass `sinceTime` on in whole seconds. */
const cutUs = 1_001_000

/** The position up to which the log was read. */
export class LogPosition {
  lines = 0
  #latestUs = -Infinity
  #recent: { wallUs: number; raw: string }[] = []
  /** How often each known line may still come again. */
  #again = new Map<string, number>()
  /** The lines that must come again. */
  #due: string[] = []
  #sinceTime: string | null = null

  /** The `sinceTime` for the next reading; `null`: from the log's beginning. */
  get sinceTime(): string | null {
    return this.#sinceTime
  }

  /** Prepares for another reading of the log, from `sinceTime`. */
  resume(): void {
    const sinceUs = this.#latestUs - overlapUs
    this.#sinceTime = sinceUs === -Infinity ? null : new Date(sinceUs / 1000).toISOString()
    this.#again = new Map()
    for (const { raw } of this.#recent) this.#again.set(raw, (this.#again.get(raw) ?? 0) + 1)
    this.#due = this.#recent.filter(({ wallUs }) => wallUs >= sinceUs).map(({ raw }) => raw)
  }

  /** Whether the lines read since `resume` are from another log: lines that it should have repeated are missing. */
  get isAnother(): boolean {
    return this.#due.some((raw) => (this.#again.get(raw) ?? 0) > 0)
  }

  /** Returns the lines that are new. `onOther` gets lines without a stamp. */
  fresh(raw: readonly string[], onOther: (line: string) => void): ContainerLine[] {
    const lines: ContainerLine[] = []
    for (const line of raw) {
      const space = line.indexOf(' ')
      const wallUs = parseWallUs(space < 0 ? line : line.slice(0, space))
      if (Number.isNaN(wallUs)) onOther(line)
      else if (this.#isNew(line)) {
        lines.push({ wallUs, text: space < 0 ? '' : line.slice(space + 1) })
        this.#recent.push({ wallUs, raw: line })
        this.#latestUs = Math.max(this.#latestUs, wallUs)
      }
    }
    this.lines += lines.length
    this.#forget()
    return lines
  }

  #isNew(line: string): boolean {
    const times = this.#again.get(line) ?? 0
    if (times === 0) return true
    this.#again.set(line, times - 1)
    return false
  }

  #forget(): void {
    const keepFrom = this.#recent.findIndex(({ wallUs }) => wallUs >= this.#latestUs - overlapUs - cutUs)
    if (keepFrom > 1_000) this.#recent.splice(0, keepFrom)
  }
}
