/** A recorded log with the kernel's reports of its connections, and damage to those. */
import type { LogRecord } from '../../model/record.ts'
import {
  findStepUs,
  listPods,
  listRecords,
  listRequests,
  mapRecordsOfType,
  pickOne,
  pickTwo,
} from '../mutations/mutation.ts'
import type { Mutation, RecordOf, RunLog } from '../mutations/mutation.ts'

type Translation = RecordOf<'translation'>

const mostInRecord = 100

/** The kernel's reports: each new connection was sent to the pod that answered on it. */
export function addTracking(log: RunLog): RunLog {
  const addresses = new Map<string, string>()
  for (const { pod } of listRecords(log, 'pod')) if (pod.ip !== null) addresses.set(pod.name, `${pod.ip}:8080`)
  const to = [...addresses.values()]
  const connections = listRequests(log).flatMap(({ driver, lane, use, pod, localPort: port, sentUs }) => {
    const address = addresses.get(pod ?? '')
    return lane === 'control' || use !== 1 || port === null || sentUs === null || address === undefined
      ? []
      : [{ driver, port, sentUs, place: to.indexOf(address) }]
  })
  const fromUs = findStepUs(log, 'load-begin')
  const t = findStepUs(log, 'load-end')
  const own = [...Map.groupBy(connections, ({ driver }) => driver)].flatMap(([driver, all]) =>
    Array.from({ length: Math.ceil(all.length / mostInRecord) }, (_, index): LogRecord => {
      const some = all.slice(index * mostInRecord, (index + 1) * mostInRecord)
      const times = some.map(({ sentUs }, place) => sentUs - (some[place - 1]?.sentUs ?? t))
      const columns = { ports: some.map(({ port }) => port), times, places: some.map(({ place }) => place) }
      return { type: 'translation', t, driver, errorUs: 5_000, to, ...columns }
    }),
  )
  const told = { type: 'tracking', node: 'node-1', why: null } as const
  const frame: LogRecord[] = [
    { ...told, t: fromUs, state: 'on', from: fromUs },
    { ...told, t, state: 'off', from: t },
  ]
  return { ...log, records: [...log.records, ...frame, ...own] }
}

/** The log with one of its translations changed by `change`. */
function changeOne(log: RunLog, random: () => number, change: (one: Translation) => Translation): RunLog | null {
  const chosen = pickOne(listRecords(log, 'translation'), random)
  return chosen && mapRecordsOfType(log, 'translation', (record) => (record === chosen ? change(record) : record))
}

export const trackingMutations: readonly Mutation[] = [
  {
    name: 'have the kernel lead one connection to another pod',
    touches: 'connection tracking: another pod answered',
    voids: ['whose'],
    damage: (log, random) =>
      changeOne(log, random, (one) => {
        const moved = Math.floor(random() * one.places.length)
        const places = one.places.map((place, index) => (index === moved ? (place + 1) % one.to.length : place))
        return { ...one, places }
      }),
  },
  {
    name: 'swap the addresses of two pods',
    touches: 'connection tracking: the other pod answered',
    voids: ['whose'],
    damage(log, random) {
      const { left, came } = listPods(log)
      const both = pickTwo([...left, ...came], random)
      if (both === null) return null
      const find = (name: string): string | null =>
        listRecords(log, 'pod').findLast(({ pod }) => pod.name === name && pod.ip !== null)?.pod.ip ?? null
      const [first, second] = both
      const swapped = new Map([
        [first, find(second)],
        [second, find(first)],
      ])
      return mapRecordsOfType(log, 'pod', (record) => {
        const ip = swapped.get(record.pod.name)
        return ip === undefined || record.pod.ip === null ? record : { ...record, pod: { ...record.pod, ip } }
      })
    },
  },
  {
    name: 'give the kernel’s connections the ports of those before',
    touches: 'connection tracking: connections are taken for others',
    voids: ['whose'],
    damage: (log) =>
      mapRecordsOfType(log, 'translation', (one) => ({
        ...one,
        ports: [one.ports.at(-1)!, ...one.ports.slice(0, -1)],
      })),
  },
]

/** A missing report proves nothing: no verdict and no conclusion depends on it. */
export const harmlessTrackingChanges: readonly Pick<Mutation, 'name' | 'damage'>[] = [
  {
    name: 'drop some of the kernel’s connections',
    damage(log, random) {
      const gone = pickOne(listRecords(log, 'translation'), random)
      return gone && mapRecordsOfType(log, 'translation', (one) => (one === gone ? null : one))
    },
  },
  { name: 'drop all of them', damage: (log) => mapRecordsOfType(log, 'translation', () => null) },
  { name: 'drop when tracking began and ended', damage: (log) => mapRecordsOfType(log, 'tracking', () => null) },
  {
    name: 'say that the kernel lost some',
    damage: (log) =>
      mapRecordsOfType(log, 'tracking', (one) => (one.state === 'off' ? [{ ...one, state: 'lossy' }, one] : one)),
  },
  {
    name: 'not know when they were',
    damage: (log) => mapRecordsOfType(log, 'translation', (one) => ({ ...one, errorUs: 60_000_000 })),
  },
]
