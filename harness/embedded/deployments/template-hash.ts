/** The label value that distinguishes the pods of a Deployment's revisions. */

/** Added to the labels and selectors of a Deployment's ReplicaSets and pods. */
export const templateHashLabel = 'pod-template-hash'

// Of the 27 letters that Kubernetes' generated names are made of (apimachinery util/rand).
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * FNV-1a over the template, each decimal digit of it then a safe letter (pkg/controller ComputeHash, rand.SafeEncodeString).
 * The same template gives the same hash whatever the order of its keys; it need not be the one of a real cluster, which
 * hashes Go's memory layout of the type. A collision count gives another hash to another template.
 */
export function computeHash(template: unknown, collisionCount = 0): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${formatCanonicalJson(template)}${collisionCount || ''}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return Array.from(String(hash), (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

function formatCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
