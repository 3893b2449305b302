/** Empties namespaces that are being deleted (pkg/controller/namespace/deletion/namespaced_resources_deleter.go). */
import type { Plural } from '../store/objects.ts'
import { kinds } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { deletableKinds, deleteObject } from './object-deletion.ts'
import { feedQueue, startWorkQueue } from './work-queue.ts'
import type { ControllerOptions } from './work-queue.ts'

/** Pods last: the controllers that would replace them must be deleted first. */
const deletionOrder: readonly Plural[] = [
  ...deletableKinds.filter((plural) => kinds[plural].namespaced && plural !== 'pods'),
  'pods',
]

/** Starts the controller; its keys are the names of namespaces. */
export function startNamespaceController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncName = (name: string): undefined => deleteAllContent(store, name)
  const queue = stack.use(startWorkQueue({ name: 'namespace-controller', sync: syncName, onError }))
  stack.use(feedQueue(queue, store, 'namespaces', ({ metadata }) => [metadata.name]))
  for (const plural of deletionOrder) {
    stack.use(
      feedQueue(queue, store, plural, ({ metadata: { namespace = '' } }) =>
        isTerminating(store, namespace) ? [namespace] : [],
      ),
    )
  }
  return stack
}

function isTerminating(store: Store, name: string): boolean {
  return store.get('namespaces', name)?.metadata.deletionTimestamp !== undefined
}

/** Events are deleted with the namespace itself, so that the end of its pods is still recorded. */
function deleteAllContent(store: Store, name: string): undefined {
  if (!isTerminating(store, name)) return
  store.modify('namespaces', name, '', (draft) => {
    draft.status = { ...draft.status, phase: 'Terminating' }
  })
  for (const plural of deletionOrder) {
    for (const object of store.list(plural, name)) deleteObject(store, plural, object)
  }
  if (deletionOrder.some((plural) => store.list(plural, name).length > 0)) return
  for (const event of store.list('events', name)) store.remove('events', event.metadata.name, name)
  store.remove('namespaces', name)
}
