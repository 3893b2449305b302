/** The ports of nodes: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport */
import type { Service } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { invalid, refuseInvalid } from '../validation/field-errors.ts'
import { freeNumber, rangeIsFull } from './number-allocation.ts'

/** `--service-node-port-range`. */
const range = { first: 30_000, last: 32_767 }

/** Gives each port the number that was asked for, the one it has, or a free one at random; to a ClusterIP Service none. */
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
    if (asked !== undefined && !own.has(asked)) refuseUnfit(service, { index, asked, taken })
    port.nodePort = asked ?? freePort(taken)
    taken.add(port.nodePort)
  }
}

function freePort(taken: ReadonlySet<number>): number {
  const free = freeNumber(range.last - range.first + 1, (number) => taken.has(range.first + number))
  if (free === null) throw rangeIsFull('nodePort')
  return range.first + free
}

interface Asked {
  index: number
  asked: number
  taken: ReadonlySet<number>
}

function refuseUnfit(service: Service, { index, asked, taken }: Asked): void {
  const text = `${range.first}-${range.last}`
  const fits = asked >= range.first && asked <= range.last
  if (fits && !taken.has(asked)) return
  const detail = fits
    ? 'provided port is already allocated'
    : `provided port is not in the valid range. The range of valid ports is ${text}`
  const error = invalid(`spec.ports[${index}].nodePort`, asked, detail)
  refuseInvalid('services', service.metadata?.name ?? '', [error])
}
