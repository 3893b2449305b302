/**
 * Resolves when all tasks have; if one fails the others are aborted, as they may wait for something that will not come. Rejects with the
 * first failure, but only once all have ended, so that clean-up comes after the last of them.
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
