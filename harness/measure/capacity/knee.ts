/**
 * The rate at which a workload's p99 doubles: from there on its latency depends on the load more than on the workload.
 *
 * Uses an open loop in rising steps. The first step is a warm-up; the p99 of the second, at the same low rate, counts as undisturbed. Rates
 * then rise by half until p99 is at least twice that, and the interval in between is halved (on a scale of ratios) until its ends are 12 %
 * apart. A step that looks too slow is repeated and its better result counts, since a busy neighbour makes steps slower and never faster.
 * Lost requests count as infinitely slow.
 *
 * If the sender itself was late, a step says nothing about the workload, unless its requests also took twice as long from their sending,
 * which excludes the sender's lag.
 */
export interface StepFigures {
  ratePerSecond: number
  /** Number of requests due after the step had settled. */
  sent: number
  lost: number
  /** Number due but not sent, which is caused by the driver. */
  notSent: number
  /** From the instant a request was due; `null` if there is none because too many were lost. */
  p50Us: number | null
  p99Us: number | null
  /** From the sending. */
  servedP99Us: number | null
  lagP99Us: number
}

export type StepFate = 'warm-up' | 'base' | 'below' | 'above' | 'late'

export interface Step extends StepFigures {
  fate: StepFate
}

export interface Knee {
  /** Between the next two; `null` if the second is unknown. */
  kneePerSecond: number | null
  /** The highest rate at which p99 stayed below twice the base's. */
  belowPerSecond: number
  /** The lowest at which it did not. */
  abovePerSecond: number | null
  baseP99Us: number
  /** What ended the search: its precision, a sender that could not keep up, or the rate limit. */
  endedBy: 'precision' | 'late' | 'limit'
  steps: Step[]
}

const startingRise = 1.5
const precision = 1.12
const kneeFactor = 2
/** Above this lag the sender is late for its own plan. */
const lagLimitUs = 5_000
/** Maximum number of attempts for the base. */
const maxBaseTries = 3

export interface SearchOptions {
  startPerSecond: number
  limitPerSecond: number
  measure: (ratePerSecond: number) => Promise<StepFigures>
  onStep?: (step: Step) => void
}

/** Throws the errors of `measure`, and an Error if the base itself was late or lost requests. */
export async function findKnee({ startPerSecond, limitPerSecond, measure, onStep }: SearchOptions): Promise<Knee> {
  const steps: Step[] = []
  const measureStep = async (ratePerSecond: number, judge: (figures: StepFigures) => StepFate): Promise<Step> => {
    const figures = await measure(ratePerSecond)
    const step = { ...figures, fate: judge(figures) }
    steps.push(step)
    onStep?.(step)
    return step
  }
  await measureStep(startPerSecond, () => 'warm-up')
  let base = await measureStep(startPerSecond, classifyBaseStep)
  for (let again = 1; again < maxBaseTries && base.fate !== 'base'; again++)
    base = await measureStep(startPerSecond, classifyBaseStep)
  const baseP99Us = getP99Us(base)
  const measureFate = async (ratePerSecond: number): Promise<StepFate> => {
    const first = await measureStep(ratePerSecond, (figures) => classifyStep(figures, baseP99Us))
    if (first.fate === 'below') return 'below'
    const second = await measureStep(ratePerSecond, (figures) => classifyStep(figures, baseP99Us))
    return pickWorseFate(first.fate, second.fate)
  }
  const found = await narrowInterval(startPerSecond, limitPerSecond, measureFate)
  return { ...found, baseP99Us, steps }
}

type Interval = Pick<Knee, 'kneePerSecond' | 'belowPerSecond' | 'abovePerSecond' | 'endedBy'>

async function narrowInterval(
  start: number,
  limit: number,
  fateAt: (rate: number) => Promise<StepFate>,
): Promise<Interval> {
  let below = start
  let above: number | null = null
  const toInterval = (endedBy: Knee['endedBy']): Interval => ({
    kneePerSecond: above === null ? null : roundRate(Math.sqrt(below * above)),
    belowPerSecond: below,
    abovePerSecond: above,
    endedBy,
  })
  for (;;) {
    if (above !== null && above <= below * precision) return toInterval('precision')
    if (above === null && below >= limit) return toInterval('limit')
    const rate = roundRate(above === null ? Math.min(below * startingRise, limit) : Math.sqrt(below * above))
    if (rate <= below || rate === above) return toInterval('precision')
    const fate = await fateAt(rate)
    if (fate === 'late') return toInterval('late')
    if (fate === 'below') below = rate
    else above = rate
  }
}

function classifyStep(step: StepFigures, baseP99Us: number): StepFate {
  const hasDoubled = (us: number | null): boolean => us === null || us >= kneeFactor * baseP99Us
  if (hasDoubled(step.servedP99Us)) return 'above'
  if (isLate(step)) return 'late'
  return hasDoubled(step.p99Us) ? 'above' : 'below'
}

const fateOrder: readonly StepFate[] = ['below', 'late', 'above']

function pickWorseFate(first: StepFate, second: StepFate): StepFate {
  return fateOrder.indexOf(first) < fateOrder.indexOf(second) ? first : second
}

function isLate({ notSent, lagP99Us }: StepFigures): boolean {
  return notSent > 0 || lagP99Us > lagLimitUs
}

function classifyBaseStep(step: StepFigures): StepFate {
  if (step.lost > 0) return 'above'
  return isLate(step) ? 'late' : 'base'
}

function getP99Us({ ratePerSecond, p99Us, lost, fate }: Step): number {
  const at = `at ${ratePerSecond} requests/s`
  if (fate === 'late') throw new Error(`the driver was late already ${at}: this machine is too busy`)
  if (lost > 0) {
    const requests = lost === 1 ? '1 request was' : `${lost} requests were`
    throw new Error(`${requests} lost ${at}, where nothing should be wrong yet`)
  }
  if (p99Us === null) throw new Error(`no request was sent ${at}`)
  return p99Us
}

function roundRate(rate: number): number {
  return rate < 10 ? Number(rate.toPrecision(2)) : Math.round(rate)
}
