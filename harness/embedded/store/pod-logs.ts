/** The API server's interface to the kubelet for `kubectl logs`. */

export interface LogQuery {
  namespace: string
  pod: string
  /** Default: the pod's first container, or the one named by its annotation. */
  container?: string
  follow: boolean
  /** The start before the present one. */
  previous: boolean
  tailLines?: number
  sinceSeconds?: number
  sinceTime?: string
  timestamps: boolean
  limitBytes?: number
}

export interface PodLogs {
  /** Formatted lines, each with its newline, as many at a time as there are. Throws NotFound (StoreError) when there is no such log. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<string>
}
