/**
 * Watches: every change of the selected objects as a line of JSON, at the moment it is made. Rules:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { formatApiVersion, kinds } from '../store/objects.ts'
import type { KubeObject, Stored } from '../store/objects.ts'
import { stringifyFrozen } from '../store/json.ts'
import type { Change } from '../store/store.ts'
import type { Answer, Call } from './call.ts'
import { parseResourceVersion } from './read.ts'
import { listSelected, createSelectionPredicate } from './selection.ts'
import { toStatus } from '../schema/status.ts'
import { createTable, wantsTable } from '../kubectl/table.ts'

const bookmarkMs = 10_000
/** Maximum number of unread bytes; a client with more is disconnected, and can resume. */
const maxUnreadBytes = 16 * 1024 * 1024

export function watchObjects(call: Call): Answer {
  const { query, target, store, response, signal } = call
  const selects = createSelectionPredicate(call)
  const since = parseResourceVersion(call)
  const initial = query.get('sendInitialEvents') === 'true'
  const bookmarks = query.get('allowWatchBookmarks') === 'true'
  const stream = new EventStream(call)
  let sent = since ?? 0
  const deliverChange = (change: Change): void => {
    // A change made while the watch began may arrive twice.
    if (change.revision <= sent) return
    sent = change.revision
    stream.sendChange(change, selects)
  }
  using ending = new DisposableStack()
  ending.use(store.watch(target.plural, deliverChange))
  try {
    if (since === undefined || since === 0 || initial) {
      sent = store.revision
      for (const object of listSelected(call, target.plural)) stream.send('ADDED', object)
      if (initial) stream.sendBookmark(store.revision, true)
    } else {
      for (const change of store.changesSince(target.plural, since)) deliverChange(change)
    }
  } catch (error) {
    stream.sendError(error)
    return undefined
  }
  if (bookmarks) {
    const timer = setInterval(() => stream.sendBookmark(store.revision, false), bookmarkMs)
    ending.defer(() => clearInterval(timer))
  }
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? 0)
  if (timeoutSeconds > 0) {
    const timer = setTimeout(() => response.end(), Math.min(timeoutSeconds * 1000, 2 ** 31 - 1))
    ending.defer(() => clearTimeout(timer))
  }
  const kept = ending.move()
  const endWatch = (): void => {
    kept.dispose()
    response.end()
  }
  if (signal.aborted) endWatch()
  signal.addEventListener('abort', endWatch, { once: true })
  response.once('close', () => {
    signal.removeEventListener('abort', endWatch)
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

  /** An object that starts or stops being selected counts as added or deleted, whatever its change. */
  sendChange({ type, object, previous }: Change, selects: (object: KubeObject) => boolean): void {
    const isSelected = type !== 'DELETED' && selects(object)
    const wasSelected = previous !== undefined && selects(previous)
    if (isSelected) this.send(wasSelected ? 'MODIFIED' : 'ADDED', object)
    else if (wasSelected && type === 'DELETED') this.send('DELETED', object)
    else if (wasSelected) this.send('DELETED', setResourceVersion(previous, object.metadata.resourceVersion))
  }

  send(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored<KubeObject>): void {
    this.#write(type, this.#table ? this.#formatTable([object]) : stringifyFrozen(object))
  }

  sendBookmark(revision: number, initialEventsEnd: boolean): void {
    const info = kinds[this.#call.target.plural]
    const annotations = { 'k8s.io/initial-events-end': 'true' }
    const metadata = { resourceVersion: String(revision), ...(initialEventsEnd && { annotations }) }
    if (this.#table) this.#write('BOOKMARK', this.#formatTable([], metadata))
    else this.#write('BOOKMARK', JSON.stringify({ kind: info.kind, apiVersion: formatApiVersion(info), metadata }))
  }

  /** Ends the watch with the error, as a Status. */
  sendError(error: unknown): void {
    this.#write('ERROR', JSON.stringify(toStatus(error)))
    this.#call.response.end()
  }

  /** Only the first event of a watch carries the definitions of the columns. */
  #formatTable(objects: Stored<KubeObject>[], metadata?: object): string {
    const { columnDefinitions, ...table } = createTable(this.#call, objects)
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

function setResourceVersion(object: Stored<KubeObject>, resourceVersion: string): Stored<KubeObject> {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}
