/** The label value that distinguishes the pods of a Deployment's revisions. */

/** Added to the labels and selectors of a Deployment's ReplicaSets and pods. */
export const templateHashLabel = 'pod-template-hash'

// The 27 letters of Kubernetes' generated names (apimachinery util/rand).
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * FNV-1a over the template, with each decimal digit encoded as a safe letter (pkg/controller ComputeHash, rand.SafeEncodeString). Equal
 * templates give equal hashes for any order of keys. The hash need not equal that of a real cluster, which hashes Go's memory layout of the
 * type. The collision count gives another template another hash.
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
