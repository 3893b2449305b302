/** The ports of nodes: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport */
import type { Service } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { invalidField, throwIfInvalid } from '../validation/field-errors.ts'
import { pickFreeNumber, newErrFull } from './number-allocation.ts'

/** `--service-node-port-range`. */
const range = { first: 30_000, last: 32_767 }

/** Assigns each port the number it requests, the one it has, or a free one at random; a ClusterIP Service gets none. */
export function assignNodePorts(store: Store, service: Service, before: Service | undefined): void {
  const { type, ports = [] } = service.spec ?? {}
  const own = new Set(before?.spec?.ports?.map(({ nodePort }) => nodePort))
  const taken = new Set(
    store.list('services').flatMap(({ spec }) => spec?.ports?.map(({ nodePort }) => nodePort ?? 0) ?? []),
  )
  for (const [index, port] of ports.entries()) {
    if (type !== 'NodePort' && type !== 'LoadBalancer') {
      delete port.nodePort
      continue
    }
    const kept = before?.spec?.ports?.find((one) => one.port === port.port && one.protocol === port.protocol)?.nodePort
    const asked = port.nodePort || kept
    if (asked !== undefined && !own.has(asked)) validateNodePort(service, { index, asked, taken })
    port.nodePort = asked ?? allocatePort(taken)
    taken.add(port.nodePort)
  }
}

function allocatePort(taken: ReadonlySet<number>): number {
  const free = pickFreeNumber(range.last - range.first + 1, (number) => taken.has(range.first + number))
  if (free === null) throw newErrFull('nodePort')
  return range.first + free
}

interface NodePortRequest {
  index: number
  asked: number
  taken: ReadonlySet<number>
}

function validateNodePort(service: Service, { index, asked, taken }: NodePortRequest): void {
  const text = `${range.first}-${range.last}`
  const fits = asked >= range.first && asked <= range.last
  if (fits && !taken.has(asked)) return
  const detail = fits
    ? 'provided port is already allocated'
    : `provided port is not in the valid range. The range of valid ports is ${text}`
  const error = invalidField(`spec.ports[${index}].nodePort`, asked, detail)
  throwIfInvalid('services', service.metadata?.name ?? '', [error])
}
