/**
 * Watches: every change of the selected objects as a line of JSON, at the moment it is made. Rules:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { apiVersionOf, kinds } from '../store/objects.ts'
import type { KubeObject, Stored } from '../store/objects.ts'
import { textOf } from '../store/json.ts'
import type { Change } from '../store/store.ts'
import type { Answer, Call } from './call.ts'
import { revisionOf } from './read.ts'
import { selected, selectionOf } from '../store/selection.ts'
import { statusOf } from './status.ts'
import { tableOf, wantsTable } from '../kubectl/table.ts'

const bookmarkMs = 10_000
/** A client that has so much still to read is cut off; it can resume. */
const maxUnreadBytes = 16 * 1024 * 1024

export function watchObjects(call: Call): Answer {
  const { query, target, store, response, signal } = call
  const selects = selectionOf(call)
  const since = revisionOf(call)
  const initial = query.get('sendInitialEvents') === 'true'
  const bookmarks = query.get('allowWatchBookmarks') === 'true'
  const stream = new EventStream(call)
  let sent = since ?? 0
  const deliver = (change: Change): void => {
    // A change made while the watch began may come by two ways.
    if (change.revision <= sent) return
    sent = change.revision
    stream.change(change, selects)
  }
  using ending = new DisposableStack()
  ending.use(store.watch(target.plural, deliver))
  try {
    if (since === undefined || since === 0 || initial) {
      sent = store.revision
      for (const object of selected(call, target.plural)) stream.send('ADDED', object)
      if (initial) stream.bookmark(store.revision, true)
    } else {
      for (const change of store.changesSince(target.plural, since)) deliver(change)
    }
  } catch (error) {
    stream.error(error)
    return undefined
  }
  if (bookmarks) {
    const timer = setInterval(() => stream.bookmark(store.revision, false), bookmarkMs)
    ending.defer(() => clearInterval(timer))
  }
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? 0)
  if (timeoutSeconds > 0) {
    const timer = setTimeout(() => response.end(), Math.min(timeoutSeconds * 1000, 2 ** 31 - 1))
    ending.defer(() => clearTimeout(timer))
  }
  const kept = ending.move()
  const end = (): void => {
    kept.dispose()
    response.end()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  response.once('close', () => {
    signal.removeEventListener('abort', end)
    kept.dispose()
  })
  return undefined
}

class EventStream {
  readonly #call: Call
  readonly #table: boolean
  #first = true

  constructor(call: Call) {
    this.#call = call
    this.#table = wantsTable(call.request)
    call.response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
    call.response.flushHeaders()
  }

  /** An object that begins or ceases to be selected is added or deleted, whatever has happened to it. */
  change({ type, object, previous }: Change, selects: (object: KubeObject) => boolean): void {
    const isSelected = type !== 'DELETED' && selects(object)
    const wasSelected = previous !== undefined && selects(previous)
    if (isSelected) this.send(wasSelected ? 'MODIFIED' : 'ADDED', object)
    else if (wasSelected && type === 'DELETED') this.send('DELETED', object)
    else if (wasSelected) this.send('DELETED', withRevision(previous, object.metadata.resourceVersion))
  }

  send(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored<KubeObject>): void {
    this.#write(type, this.#table ? this.#tableText([object]) : textOf(object))
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    const info = kinds[this.#call.target.plural]
    const annotations = { 'k8s.io/initial-events-end': 'true' }
    const metadata = { resourceVersion: String(revision), ...(initialEventsEnd && { annotations }) }
    if (this.#table) this.#write('BOOKMARK', this.#tableText([], metadata))
    else this.#write('BOOKMARK', JSON.stringify({ kind: info.kind, apiVersion: apiVersionOf(info), metadata }))
  }

  /** The end: what went wrong, as a Status. */
  error(error: unknown): void {
    this.#write('ERROR', JSON.stringify(statusOf(error)))
    this.#call.response.end()
  }

  /** Only the first event of a watch carries the definitions of the columns. */
  #tableText(objects: Stored<KubeObject>[], metadata?: object): string {
    const { columnDefinitions, ...table } = tableOf(this.#call, objects)
    const definitions = this.#first ? columnDefinitions : null
    this.#first = false
    return JSON.stringify({ ...table, ...(metadata && { metadata }), columnDefinitions: definitions })
  }

  #write(type: string, object: string): void {
    const { response } = this.#call
    if (response.writableEnded || response.destroyed) return
    response.write(`{"type":"${type}","object":${object}}\n`)
    if (response.writableLength > maxUnreadBytes) response.destroy()
  }
}

function withRevision(object: Stored<KubeObject>, resourceVersion: string): Stored<KubeObject> {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}
