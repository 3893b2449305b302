/** Resolves when all have; where one fails the others are given up, for they wait for what will not come. */
export async function together<const T extends readonly unknown[]>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const giveUp = new AbortController()
  try {
    return await Promise.all(begin(AbortSignal.any([signal, giveUp.signal])))
  } finally {
    giveUp.abort(new Error('Another part of the same work has failed'))
  }
}
