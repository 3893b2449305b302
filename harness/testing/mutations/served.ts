/** Damage to the servers' own logs. */
import type { AccessLogEntry } from '../../model/record.ts'
import {
  mapRecords,
  mapRecordsOfType,
  listRecords,
  markLossesStand,
  pickOne,
  listPods,
  listProxyRecords,
  listRequests,
} from './mutation.ts'
import type { Mutation, RecordOf, RunLog } from './mutation.ts'

const conclusionsOfServers = ['none-lost', 'how-many', 'whose'] as const

type Served = RecordOf<'served'>
type Place = Pick<Served, 'pod' | 'container'>

const isAt = (place: Place | null) => (other: Place) =>
  place !== null && other.pod === place.pod && other.container === place.container

const changeLines = (log: RunLog, change: (line: AccessLogEntry, place: Served) => AccessLogEntry): RunLog =>
  mapRecordsOfType(log, 'served', (record) => ({ ...record, lines: record.lines.map((line) => change(line, record)) }))

/** A proxy's line about a request that was answered well, long before its server ended. */
function pickAnsweredLine(log: RunLog, random: () => number): { place: Served; line: AccessLogEntry } | null {
  const ok = new Set(
    listRequests(log).flatMap(({ outcome, driver, seq, lane }) =>
      outcome === 'ok' && lane !== 'control' ? `${driver} ${seq}` : [],
    ),
  )
  const ends = listRecords(log, 'container').filter(({ moment }) => moment === 'exited')
  const isClear = ({ atUs }: AccessLogEntry): boolean =>
    ends.every(({ at, errorUs }) => Math.abs(at - atUs) > 600_000 + errorUs)
  const candidates = listProxyRecords(log).flatMap((place) =>
    place.lines.flatMap((line) => (ok.has(`${place.driver} ${line.seq}`) && isClear(line) ? { place, line } : [])),
  )
  return pickOne(candidates, random)
}

const droppingMutations: readonly Mutation[] = [
  {
    name: 'drop a record of a server’s log',
    touches: 'the servers’ logs: lines are missing that were read',
    voids: conclusionsOfServers,
    damage(log, random) {
      const gone = pickOne(listRecords(log, 'served'), random)
      return mapRecordsOfType(log, 'served', (record) => (record === gone ? null : record))
    },
  },
  {
    name: 'drop a line of a server’s log',
    touches: 'the servers’ logs: a line is missing that was read',
    voids: conclusionsOfServers,
    damage(log, random) {
      const gone = pickAnsweredLine(log, random)
      return mapRecordsOfType(log, 'served', (record) => ({
        ...record,
        lines: record.lines.filter((line) => line !== gone?.line),
      }))
    },
  },
  {
    name: 'drop a line of a server’s log, and count one fewer',
    touches: 'the servers’ logs: a request that was answered well is in none',
    voids: conclusionsOfServers,
    damage(log, random) {
      const gone = pickAnsweredLine(log, random)
      if (gone === null) return null
      const isIts = isAt(gone.place)
      return mapRecords(log, (record) => {
        if (record.type === 'served') return { ...record, lines: record.lines.filter((line) => line !== gone.line) }
        if (record.type !== 'log-read' || !isIts(record) || record.requests === null) return record
        return { ...record, requests: record.requests - 1 }
      })
    },
  },
  {
    name: 'drop the log of one container',
    touches: 'the servers’ logs: one was never read',
    voids: conclusionsOfServers,
    damage(log, random) {
      const isIts = isAt(pickOne(listRecords(log, 'served'), random))
      return mapRecords(log, (record) =>
        (record.type === 'served' || record.type === 'log-read') && isIts(record) ? null : record,
      )
    },
  },
  {
    name: 'drop the logs of one pod',
    touches: 'the servers’ logs: those of one pod were never read',
    voids: conclusionsOfServers,
    damage(log, random) {
      const pod = pickOne(listRecords(log, 'served'), random)?.pod
      return mapRecords(log, (record) =>
        (record.type === 'served' || record.type === 'log-read') && record.pod === pod ? null : record,
      )
    },
  },
  {
    name: 'drop the logs of every proxy',
    touches: 'the servers’ logs: those of the servers that clients talk to were never read',
    voids: conclusionsOfServers,
    damage(log) {
      const containers = new Set(listProxyRecords(log).map(({ container }) => container))
      return mapRecords(log, (record) =>
        (record.type === 'served' || record.type === 'log-read') && containers.has(record.container) ? null : record,
      )
    },
  },
  {
    name: 'drop every line of the servers’ logs',
    touches: 'the servers’ logs: lines are missing that were read',
    voids: conclusionsOfServers,
    damage: (log) => mapRecordsOfType(log, 'served', () => null),
  },
  {
    name: 'drop every line of the servers’ logs, and that they were read',
    touches: 'the servers’ logs: containers started whose logs were not read',
    voids: conclusionsOfServers,
    damage: (log) =>
      mapRecords(log, (record) => (record.type === 'served' || record.type === 'log-read' ? null : record)),
  },
  {
    name: 'drop it that a log was read to its end',
    touches: 'the servers’ logs: one may have had more lines',
    voids: conclusionsOfServers,
    damage(log, random) {
      const gone = pickOne(
        listRecords(log, 'log-read').filter(({ requests }) => (requests ?? 0) > 0),
        random,
      )
      return gone && mapRecordsOfType(log, 'log-read', (record) => (record === gone ? null : record))
    },
  },
]

const relabellingMutations: readonly Mutation[] = [
  {
    name: 'repeat a record of a server’s log',
    touches: 'the servers’ logs: lines are there twice',
    voids: conclusionsOfServers,
    damage(log, random) {
      const again = pickOne(listRecords(log, 'served'), random)
      return mapRecordsOfType(log, 'served', (record) => (record === again ? [record, record] : record))
    },
  },
  {
    name: 'repeat a line of a server’s log, and count one more',
    touches: 'the servers’ logs: a request was sent twice',
    voids: conclusionsOfServers,
    damage(log, random) {
      const again = pickAnsweredLine(log, random)
      if (again === null) return null
      const isIts = isAt(again.place)
      return mapRecords(log, (record) => {
        if (record === again.place) return { ...again.place, lines: [...again.place.lines, again.line] }
        if (record.type !== 'log-read' || !isIts(record) || record.requests === null) return record
        return { ...record, requests: record.requests + 1 }
      })
    },
  },
  {
    name: 'put a pod’s log into the name of another',
    touches: 'the servers’ logs: another pod answered',
    voids: conclusionsOfServers,
    damage(log, random) {
      const { left, came } = listPods(log)
      const names = [...left, ...came]
      const from = pickOne(listRecords(log, 'served'), random)?.pod
      const to = pickOne(
        names.filter((name) => name !== from),
        random,
      )
      return to === null
        ? null
        : mapRecordsOfType(log, 'served', (record) => (record.pod === from ? { ...record, pod: to } : record))
    },
  },
  {
    name: 'swap the logs of two pods',
    touches: 'the servers’ logs: each has what the other answered',
    voids: conclusionsOfServers,
    damage(log, random) {
      const { left, came } = listPods(log)
      const [a, b] = [pickOne(left, random), pickOne(came, random)]
      if (a === null || b === null) return null
      return mapRecords(log, (record) => {
        if (record.type !== 'served' && record.type !== 'log-read') return record
        return record.pod === a ? { ...record, pod: b } : record.pod === b ? { ...record, pod: a } : record
      })
    },
  },
  {
    name: 'make a line one of a request that was never planned',
    touches: 'the servers’ logs: another client sent to the workload',
    voids: conclusionsOfServers,
    damage(log, random) {
      const strange = pickAnsweredLine(log, random)?.line
      return changeLines(log, (line) => (line === strange ? { ...line, seq: line.seq + 10_000_000 } : line))
    },
  },
  {
    name: 'make a line one of another request',
    touches: 'the servers’ logs: one request is there twice, another not at all',
    voids: conclusionsOfServers,
    damage(log, random) {
      const [from, to] = [pickAnsweredLine(log, random)?.line, pickAnsweredLine(log, random)?.line]
      if (from === undefined || to === undefined || from === to) return null
      return changeLines(log, (line) => (line === from ? { ...line, seq: to.seq } : line))
    },
  },
  {
    name: 'give the lines to another driver',
    touches: 'the servers’ logs: no request of this driver is in them',
    voids: conclusionsOfServers,
    damage: (log) => mapRecordsOfType(log, 'served', (record) => ({ ...record, driver: record.driver + 1 })),
  },
  {
    name: 'make a line one of a failure',
    touches: 'the servers’ logs: a request that was answered well failed by them',
    voids: conclusionsOfServers,
    damage(log, random) {
      const failed = pickAnsweredLine(log, random)?.line
      return changeLines(log, (line) => (line === failed ? { ...line, status: 502 } : line))
    },
  },
  {
    name: 'move the servers’ lines by 1 s',
    touches: 'the clocks: by the servers’ logs requests were answered at another time',
    voids: ['none-lost', 'whose'],
    damage: (log) => changeLines(log, (line) => ({ ...line, atUs: line.atUs + 1_000_000 })),
  },
  {
    name: 'move one pod’s lines by 2 s',
    touches: 'the clocks: by this pod’s logs requests were answered at another time',
    voids: ['none-lost', 'whose'],
    damage(log, random) {
      const pod = pickOne(listRecords(log, 'served'), random)?.pod
      return changeLines(log, (line, place) => (place.pod === pod ? { ...line, atUs: line.atUs - 2_000_000 } : line))
    },
  },
]

export const serverMutations: readonly Mutation[] = markLossesStand([...droppingMutations, ...relabellingMutations])
