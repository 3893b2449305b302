/** The controllers of a target's pods. */
import type { KubeApi } from '../../cluster/api.ts'
import { controllerKinds } from '../../model/workload.ts'
import type { ControllerKind, Workload } from '../../model/workload.ts'
import { callApi } from '../../run/deploy/workload.ts'
import { readWorkload } from '../../run/deploy/workload-api.ts'
import type { Controller } from '../../run/deploy/workload-api.ts'

export interface FoundController {
  kind: ControllerKind
  name: string
  selector: Workload['selector']
  /** As returned by the API server. */
  object: Controller
}

interface Place {
  api: KubeApi
  namespace: string
}

const lists: Record<ControllerKind, (place: Place) => Promise<{ items: Controller[] }>> = {
  Deployment: ({ api, namespace }) => api.apps.listNamespacedDeployment({ namespace }),
  StatefulSet: ({ api, namespace }) => api.apps.listNamespacedStatefulSet({ namespace }),
  DaemonSet: ({ api, namespace }) => api.apps.listNamespacedDaemonSet({ namespace }),
}

/** Throws the API's error if there is none of that name. */
export async function findController(kind: ControllerKind, name: string, place: Place): Promise<FoundController> {
  return toFound(kind, await readWorkload({ ...place, workload: { kind, name } }))
}

/** The controllers of all kinds whose pods a Service's selector selects. */
export async function listControllers(selector: Record<string, string>, place: Place): Promise<FoundController[]> {
  const found = await Promise.all(
    controllerKinds.map(async (kind) => {
      const { items } = await callApi(`list the ${kind}s of ${place.namespace}`, () => lists[kind](place))
      return items.map((object) => toFound(kind, object))
    }),
  )
  return found.flat().filter(({ object }) => selects(selector, object))
}

/** Whether a selector selects the pods of a controller; an empty selector selects nothing. */
export function selects(selector: Record<string, string>, { spec }: Controller): boolean {
  const wanted = Object.entries(selector)
  const own = spec?.template.metadata?.labels ?? {}
  return wanted.length > 0 && wanted.every(([key, value]) => own[key] === value)
}

function toFound(kind: ControllerKind, object: Controller): FoundController {
  const { matchLabels, matchExpressions } = object.spec?.selector ?? {}
  return {
    kind,
    name: object.metadata?.name ?? '',
    selector: {
      ...(matchLabels && { matchLabels }),
      ...(matchExpressions && {
        matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
          key,
          operator,
          ...(values && { values }),
        })),
      }),
    },
    object,
  }
}
