/** The allocation of Services' cluster IPs. */
import { isIP } from 'node:net'
import type { Service } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { invalidField, throwIfInvalid } from '../validation/field-errors.ts'
import { pickFreeNumber, newErrFull } from './number-allocation.ts'

/** The range of `--service-cluster-ip-range`, as in kind and kubeadm. */
const range = { prefix: '10.96.', text: '10.96.0.0/16' }

/** Assigns a Service the address it requests, the one it has, or a free one at random, as the API server does. */
export function assignClusterIp(store: Store, service: Service, before: Service | undefined): void {
  const spec = (service.spec ??= {})
  const asked = spec.clusterIP || spec.clusterIPs?.[0] || before?.spec?.clusterIP
  if (asked !== undefined && asked !== before?.spec?.clusterIP && asked !== 'None')
    validateClusterIp(store, service, asked)
  const ip = asked ?? allocateIp(store)
  spec.clusterIP = ip
  spec.clusterIPs = [ip]
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

function isAllocated(store: Store, ip: string): boolean {
  // The first address of the range belongs to the API itself.
  return ip === `${range.prefix}0.1` || store.list('services').some(({ spec }) => spec?.clusterIP === ip)
}

/** Without the first and the last of every 256. */
const hosts = 254

function allocateIp(store: Store): string {
  const taken = new Set(store.list('services').map(({ spec }) => spec?.clusterIP))
  const formatIp = (number: number): string => `${range.prefix}${Math.floor(number / hosts)}.${1 + (number % hosts)}`
  // The first belongs to the API itself.
  const free = pickFreeNumber(256 * hosts, (number) => number === 0 || taken.has(formatIp(number)))
  if (free === null) throw newErrFull('serviceIP')
  return formatIp(free)
}

function validateClusterIp(store: Store, service: Service, ip: string): void {
  const numbers = ip.slice(range.prefix.length).split('.')
  const inRange =
    ip.startsWith(range.prefix) &&
    numbers.length === 2 &&
    numbers.every((one) => /^(0|[1-9]\d{0,2})$/.test(one) && Number(one) < 256)
  if (isIP(ip) === 0) return
  const detail = inRange
    ? isAllocated(store, ip) && 'provided IP is already allocated'
    : `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range.text}`
  if (detail === false) return
  const error = invalidField('spec.clusterIPs', [ip], `failed to allocate IP ${ip}: ${detail}`)
  throwIfInvalid('services', service.metadata?.name ?? '', [error])
}
