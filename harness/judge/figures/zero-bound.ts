/** What a loss of zero proves. */

/**
 * The largest probability of an event that is compatible, at 95 %, with none in `trials`: the exact binomial bound of Clopper and Pearson
 * (Biometrika 26, 1934) for zero, 1 − 0.05^(1/n). The rule of three, 3/n, approximates it.
 */
export function computeZeroBound(trials: number): number {
  // expm1 keeps the digits that 1 − 0.05^(1/n) loses for large n.
  return trials === 0 ? 1 : -Math.expm1(Math.log(0.05) / trials)
}

/** The bound as "1 in N": none in 5,120 gives 1,709. Rounded to the safe side, like `computePercentBound`. */
export function computeOneIn(trials: number): number {
  return Math.floor(1 / computeZeroBound(trials))
}

/** The bound in whole per cent: none in 10 gives 26. */
export function computePercentBound(trials: number): number {
  return Math.ceil(computeZeroBound(trials) * 100)
}
