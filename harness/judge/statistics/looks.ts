/**
 * When a comparison that goes on until it is decided is looked at. Looking after every round, and stopping when it suits, finds a
 * difference where there is none sooner or later: so there are fixed looks, and each spends a part of the error, all of them together no
 * more than one test would (alpha spending, by the union bound; Lan and DeMets, Biometrika 70, 1983).
 */

/** Rounds after which it is looked at; each look comes after a third to a half more rounds than the one before. */
export function* listLooks(): Generator<{ rounds: number; share: number }> {
  for (let look = 1, rounds = 4; ; look++) {
    // 1/2 + 1/6 + 1/12 + … = 1, however many looks there are.
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
