/** The Service of a target's pods. */
import type { KubernetesObject, V1Service } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { selects } from './controllers.ts'
import type { FoundController } from './controllers.ts'

interface Choice {
  /** `deployment/shop` */
  what: string
  /** The target of the load in place of the Service; `null`: the Service. */
  url: object | null
}

/** The Service with a cluster IP whose selector selects the pods. Throws a usage Fault if there is none, or more than one. */
export function chooseService(
  { object }: FoundController,
  all: readonly V1Service[],
  { what, url }: Choice,
): V1Service {
  const leading = all.filter(({ spec }) => spec?.type !== 'ExternalName' && selects(spec?.selector ?? {}, object))
  const usable = leading.filter((one) => url !== null || !isHeadless(one))
  const [service] = usable
  if (service && usable.length === 1) return service
  if (usable.length > 1) {
    const message = `Cannot choose a Service of ${what}: ${joinNames(usable)} all select its pods`
    throw new Fault('usage', message, 'Give one as service/NAME.')
  }
  const headless = joinNames(leading)
  const why = headless === '' ? 'no Service selects its pods' : `${headless} is headless (clusterIP: None)`
  throw new Fault('usage', `Cannot reach ${what}: ${why}`, listNames(all))
}

/** The Service of that name. Throws a usage Fault if it selects no pods. */
export function findService(
  name: string,
  all: readonly V1Service[],
  { namespace, url }: Pick<Choice, 'url'> & { namespace: string },
): V1Service {
  const service = all.find(({ metadata }) => metadata?.name === name)
  if (!service) throw new Fault('usage', `Cannot find service/${name} in the namespace ${namespace}`, listNames(all))
  const { selector = {}, type } = service.spec ?? {}
  if (Object.keys(selector).length === 0 || type === 'ExternalName') {
    const why = type === 'ExternalName' ? 'it is the name of something elsewhere (ExternalName)' : 'it has no selector'
    throw new Fault('usage', `Cannot tell what service/${name} leads to: ${why}`, 'Name a Service that selects pods.')
  }
  if (url === null && isHeadless(service)) {
    throw new Fault('usage', `Cannot reach service/${name}: it is headless (clusterIP: None)`)
  }
  return service
}

function isHeadless({ spec }: V1Service): boolean {
  return spec?.clusterIP === 'None'
}

function joinNames(objects: readonly KubernetesObject[]): string {
  return objects.map(({ metadata }) => metadata?.name).join(', ')
}

function listNames(objects: readonly KubernetesObject[]): string {
  const names = joinNames(objects)
  return names === '' ? 'There are none in this namespace.' : `There are: ${names}.`
}
