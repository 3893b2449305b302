/** Fields of a pod that its own containers may read (Kubernetes docs, "Downward API"). */
import type { Pod, Stored } from '../store/objects.ts'

export interface FieldValues {
  pod: Stored<Pod>
  podIp: string
  hostIp: string
}

/** Throws for a field that the downward API does not offer. */
export function extractFieldPathAsString(path: string, { pod, podIp, hostIp }: FieldValues): string {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path)
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] as string] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return spec?.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? 'default'
    case 'status.podIP':
    case 'status.podIPs':
      return podIp
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIp
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

/** Sorted lines `key="value"`, the form of a whole map in a downwardAPI volume. */
function formatMap(map: Record<string, string> = {}): string {
  return Object.keys(map)
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n')
}
