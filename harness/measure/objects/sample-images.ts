/** The registry of the sample images for a cluster that nodrop does not start. */

/** The images below apps/. */
const sampleImagePattern = /^nodrop\/[a-z-]+:/

/**
 * The same objects with every sample image in `registry`. Without one the nodes must have the images: a public registry would answer these
 * names with any image that has been pushed there.
 */
export function rewriteImages<T>(value: T, registry: string | undefined): T {
  if (Array.isArray(value)) return value.map((one: unknown) => rewriteImages(one, registry)) as T
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, rewriteImages(one as unknown, registry)]),
  )
  const { image } = copy
  if (typeof image !== 'string' || !sampleImagePattern.test(image)) return copy as T
  return {
    ...copy,
    ...(registry === undefined ? { imagePullPolicy: 'Never' } : { image: `${registry}/${image}` }),
  } as T
}
