/**
 * The rounds after which a comparison that runs until it is decided is evaluated. Evaluating after every round and stopping at will sooner
 * or later finds a difference that does not exist. So there are fixed looks; each spends part of the error, and all together spend no more
 * than a single test (alpha spending, by the union bound; Lan and DeMets, Biometrika 70, 1983).
 */

/** The number of rounds at each look; between two looks it grows by a third to a half. */
export function* listLooks(): Generator<{ rounds: number; share: number }> {
  for (let look = 1, rounds = 4; ; look++) {
    // 1/2 + 1/6 + 1/12 + … = 1, for any number of looks.
    yield { rounds, share: 1 / (look * (look + 1)) }
    rounds += 2 ** Math.ceil(look / 2)
  }
}

/** The looks up to a number of rounds. */
export function listLooksUpTo(rounds: number): { rounds: number; share: number }[] {
  const looks: { rounds: number; share: number }[] = []
  for (const look of listLooks()) {
    if (look.rounds > rounds) return looks
    looks.push(look)
  }
  return looks
}
