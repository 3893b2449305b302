/** Converts wall-clock times of nodes and their container runtimes to the run's clock, with their error. */
import type { Clock } from '../../base/clock.ts'
import type { NodeClock } from '../../cluster/node-clock.ts'

/** Wall clock minus run clock. */
interface Offset {
  offsetUs: number
  errorUs: number
}

export interface Instant {
  at: number
  /** The maximum error. */
  errorUs: number
}

/** The kernel corrects a wall clock by 500 ppm at most (adjtimex(2)): this is its drift until it is read again. */
const slewUs = 500
const rereadUs = 1_000_000
/**
 * A container runtime stamps a line when it has read it from the container's pipe. Where that takes longer than this the machine is
 * overloaded, and so is the driver, which shows in the verdict.
 */
const stampLagUs = 5_000
/** Clocks of other machines depend on their administration; Kubernetes' own times have a resolution of a second too. */
const otherMachineUs = 1_000_000

/**
 * Converts wall-clock times of nodes to the run's clock. Nodes on this machine's kernel, those of the embedded cluster and mostly of kind,
 * use the clock that is read here. The wall clock may be set during a run, so it is read again every second; a time that contradicts it
 * gets an unlimited error.
 */
export class WallClock {
  readonly #clock: Clock
  readonly #node: NodeClock
  #offset: Offset
  #readUs: number

  /** `node`: how far the nodes' clocks are ahead of this machine's; `null` where that is unknown. */
  constructor(clock: Clock, node: NodeClock | null) {
    this.#clock = clock
    this.#node = node ?? { aheadUs: 0, errorUs: otherMachineUs }
    this.#offset = readOffset(clock)
    this.#readUs = clock.now()
  }

  /** When a log line was written that the runtime stamped `wallUs` and that arrived at `arrivedUs`. */
  fromStamp(wallUs: number, arrivedUs: number): Instant {
    return this.#between({ wallUs, lengthUs: 0, arrivedUs, moreErrorUs: stampLagUs })
  }

  /** When an event happened that Kubernetes stamped with a whole second, `time`, and whose news arrived at `arrivedUs`. */
  fromSeconds(time: string, arrivedUs: number): Instant {
    return this.#between({ wallUs: Date.parse(time) * 1000, lengthUs: 1_000_000, arrivedUs, moreErrorUs: 0 })
  }

  /** The middle of the possible times: nothing happens before the run begins or after its news arrived. */
  #between(span: { wallUs: number; lengthUs: number; arrivedUs: number; moreErrorUs: number }): Instant {
    const { wallUs, lengthUs, arrivedUs, moreErrorUs } = span
    const { offsetUs, errorUs } = this.#current()
    const slackUs = errorUs + moreErrorUs + this.#node.errorUs
    const fromUs = wallUs - this.#node.aheadUs - offsetUs
    const toUs = Math.min(fromUs + lengthUs, arrivedUs)
    if (!(fromUs + lengthUs >= -slackUs && fromUs <= arrivedUs + slackUs)) return { at: arrivedUs, errorUs: arrivedUs }
    const from = Math.min(fromUs, toUs)
    return { at: Math.round((from + toUs) / 2), errorUs: Math.ceil((toUs - from) / 2 + slackUs) }
  }

  #current(): Offset {
    const nowUs = this.#clock.now()
    const drift = Date.now() * 1000 - (nowUs + this.#offset.offsetUs)
    // Date.now() cuts off up to 1 ms.
    const wasSet = drift > slewUs + 1_000 || drift < -slewUs - 1_000
    if (wasSet || nowUs - this.#readUs > rereadUs) {
      this.#offset = readOffset(this.#clock)
      this.#readUs = nowUs
    }
    return this.#offset
  }
}

/** A reading with a larger error is repeated: the process probably lost its processor in the middle. */
const sharpUs = slewUs + 50
function readOffset(clock: Clock): Offset {
  let best = measureOffset(clock)
  for (let again = 0; again < 3 && best.errorUs > sharpUs; again++) {
    const offset = measureOffset(clock)
    if (offset.errorUs < best.errorUs) best = offset
  }
  return best
}

/** Date.now() counts whole ms and is exact when it changes, so this spins until it does. */
function measureOffset(clock: Clock): Offset {
  const firstMs = Date.now()
  for (let beforeUs = clock.now(); ;) {
    const wallMs = Date.now()
    const afterUs = clock.now()
    if (wallMs !== firstMs) {
      return {
        offsetUs: Math.round(wallMs * 1000 - (beforeUs + afterUs) / 2),
        errorUs: Math.ceil((afterUs - beforeUs) / 2) + slewUs,
      }
    }
    beforeUs = afterUs
  }
}

/** µs since 1970 of an RFC 3339 time with up to nine digits, while Date.parse keeps whole ms only; NaN for an invalid one. */
export function parseWallUs(time: string): number {
  const [, whole = '', fraction = '', zone = ''] = /^([^.Z+]+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? []
  return Date.parse(whole + zone) * 1000 + Math.round(Number(`0.${fraction || '0'}`) * 1e6)
}
