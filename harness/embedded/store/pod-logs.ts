/** What the API asks of the kubelet for `kubectl logs`. */

export interface LogQuery {
  namespace: string
  pod: string
  /** Default: the pod's first container, or the one that its annotation names. */
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
  /** Lines already formatted, each with its newline, as many at a time as there are. Throws NotFound (StoreError) when there is no such log. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<string>
}
