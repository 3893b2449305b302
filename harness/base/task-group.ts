/**
 * Resolves when all have; where one fails the others are given up, for they wait for what will not come. It rejects with the first
 * failure, and only once all have ended: whoever cleans up after it does so after the last of them.
 */
export async function runAll<const T extends readonly unknown[]>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const giveUp = new AbortController()
  const parts = begin(AbortSignal.any([signal, giveUp.signal]))
  try {
    return await Promise.all(parts)
  } catch (error) {
    giveUp.abort(new Error('Another part of the same work has failed'))
    await Promise.allSettled(parts)
    throw error
  }
}
