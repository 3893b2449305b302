/** The pods that had an address, and when. */
import type { RecordOf } from '../facts/evidence.ts'

export interface PodAddress {
  pod: string
  /** When it was first seen with it. */
  fromUs: number
}

/** The owners of each address in order of time: an address may be reused after its pod is gone. */
export function listAddresses(records: readonly RecordOf<'pod'>[]): Map<string, PodAddress[]> {
  const addresses = new Map<string, PodAddress[]>()
  for (const { t, pod } of records) {
    if (pod.ip === null) continue
    const known = addresses.get(pod.ip) ?? []
    addresses.set(pod.ip, known)
    if (!known.some((one) => one.pod === pod.name)) known.push({ pod: pod.name, fromUs: t })
  }
  return addresses
}

/** The pod that had the address of `address:port` at that time; `null` if none is known. */
export function resolveAddress(
  addresses: ReadonlyMap<string, readonly PodAddress[]>,
  to: string,
  atUs: number,
): string | null {
  const owners = addresses.get(to.slice(0, to.lastIndexOf(':'))) ?? []
  return (owners.findLast(({ fromUs }) => fromUs <= atUs) ?? owners[0])?.pod ?? null
}
