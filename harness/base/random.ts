/** Pseudo-random numbers that are the same for the same seed, on every machine. */

/** Returns a generator of numbers in [0, 1) (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * A number in [0, 1) that depends only on its arguments: two odd multiples of the keys are mixed into the seed (splitmix32's finaliser).
 * For values that must not depend on the order in which they are computed.
 */
export function hashToFraction(seed: number, key: number, key2 = -1): number {
  let x = (seed % 4_294_967_296) ^ 0x9e37_79b9 ^ Math.imul(key + 1, 0x85eb_ca6b) ^ Math.imul(key2 + 1, 0xc2b2_ae35)
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97)
  return ((x ^ (x >>> 15)) >>> 0) / 4_294_967_296
}

/** Returns a shuffled copy (Fisher and Yates). */
export function shuffleList<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[copy[last], copy[other]] = [copy[other] as T, copy[last] as T]
  }
  return copy
}
