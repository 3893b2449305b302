/** `watch.json`: the state of a watch, beside the directories of its episodes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../../base/files/bounded-file.ts'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { observedKinds } from '../../model/disruptions/observed.ts'
import { requestOutcomes } from '../../model/record.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import { formatIssues } from '../plan-file.ts'

const maxBytes = 4 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()
const verdict = z.enum(['passed', 'failed', 'unknown'])
const sent = z.object({ sent: count, lost: count })

const background = z.object({
  outcomes: z.partialRecord(z.enum(requestOutcomes as [(typeof requestOutcomes)[number]]), count),
  control: sent,
  latency: z.object({ counts: z.array(count), maxUs: z.number() }),
  spanUs: count.min(1),
  spans: z.array(sent),
})

const episode = z.object({
  number: count.min(1),
  dir: text.regex(/^episode-\d+$/).nullable(),
  what: z.enum(observedKinds),
  fromUs: z.number(),
  toUs: z.number(),
  verdict,
  ...sent.shape,
  sentence: text,
})

const sessionSchema: z.ZodType<WatchSession> = z.object({
  schema: z.literal(1),
  id: text,
  target: text,
  namespace: text,
  ratePerSecond: z.number().positive(),
  began: text,
  durationUs: z.number().nonnegative(),
  ending: z.object({ why: z.enum(['limit', 'interrupted', 'broken']), detail: text.nullable() }).nullable(),
  unseen: count,
  ledger: z.object({ planned: count, background: count, episodes: count }),
  background,
  episodes: z.array(episode),
  forgotten: z.object({ passed: count, failed: count, unknown: count }),
})

export function getWatchPath(directory: string): string {
  return join(directory, 'watch.json')
}

/** Complete on disk when it returns. */
export function writeWatch(directory: string, session: WatchSession): void {
  writeDurably(getWatchPath(directory), `${JSON.stringify(session)}\n`, 0o644)
}

/** `null` if it does not exist; throws a usage Fault if it is not that of a watch that this nodrop can read. */
export function readWatch(directory: string): WatchSession | null {
  const path = getWatchPath(directory)
  if (!existsSync(path)) return null
  const parsed = sessionSchema.safeParse(readJson(path, maxBytes))
  if (!parsed.success) throw new Fault('usage', `${path} is not that of a watch:\n${formatIssues(parsed.error)}`)
  return parsed.data
}
