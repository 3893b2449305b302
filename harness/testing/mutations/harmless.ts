/** Changes to a log on which no conclusion depends: they must not cost a verdict or a conclusion. */
import type { LogRecord } from '../../model/record.ts'
import { mapRecordsOfType, listRecords, pickOne } from './mutation.ts'
import type { Mutation, Random, RecordOf, RunLog } from './mutation.ts'

type HarmlessChange = Pick<Mutation, 'name' | 'damage'>

function dropOne<T extends LogRecord['type']>(
  log: RunLog,
  type: T,
  random: Random,
  keep: (record: RecordOf<T>) => boolean = () => true,
): RunLog | null {
  const gone = pickOne(listRecords(log, type).filter(keep), random)
  return gone && mapRecordsOfType(log, type, (record) => (record === gone ? null : record))
}

const isProbe = ({ moment }: RecordOf<'container'>): boolean => ['ready', 'not-ready', 'unhealthy'].includes(moment)

export const harmlessChanges: readonly HarmlessChange[] = [
  { name: 'drop an Event', damage: (log, random) => dropOne(log, 'event', random) },
  { name: 'drop every Event', damage: (log) => mapRecordsOfType(log, 'event', () => null) },
  { name: 'drop what one probe said', damage: (log, random) => dropOne(log, 'container', random, isProbe) },
  {
    name: 'drop what every probe said',
    damage: (log) => mapRecordsOfType(log, 'container', (record) => (isProbe(record) ? null : record)),
  },
  {
    name: 'drop a moment of which a second source tells as well',
    damage: (log, random) => dropOne(log, 'container', random, ({ source }) => source === 'status'),
  },
  { name: 'drop a report of a driver', damage: (log, random) => dropOne(log, 'driver', random) },
  { name: 'drop a count of the network', damage: (log, random) => dropOne(log, 'network', random) },
  { name: 'drop every count of the network', damage: (log) => mapRecordsOfType(log, 'network', () => null) },
  {
    name: 'have the driver’s clock begin a second later',
    damage: (log) => mapRecordsOfType(log, 'clock', (record) => ({ ...record, offsetUs: record.offsetUs - 1_000_000 })),
  },
  {
    name: 'have the run begin an hour later by the wall clock',
    damage: (log) => mapRecordsOfType(log, 'begin', (record) => ({ ...record, wallClock: '2031-01-01T00:00:00.000Z' })),
  },
  {
    name: 'double the error bar of a clock',
    damage: (log) => mapRecordsOfType(log, 'clock', (record) => ({ ...record, errorUs: 2 * record.errorUs })),
  },
  {
    name: 'put the records in another order',
    damage: (log, random) => ({ ...log, records: log.records.toSorted(() => random() - 0.5) }),
  },
  {
    name: 'add an Event',
    damage(log) {
      const event: LogRecord = { type: 'event', t: 1, object: 'Pod/x', reason: 'Pulled', message: 'x' }
      return { ...log, records: [...log.records, event] }
    },
  },
  {
    name: 'reword the hypothesis',
    damage: (log) => ({
      ...log,
      plan: { ...log.plan, configuration: { ...log.plan.configuration, hypothesis: 'another' } },
    }),
  },
]
