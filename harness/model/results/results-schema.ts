/** The output of `--json`: the results of a comparison, or of a watch, for programs. A later schema may add keys but removes none. */
import { z } from 'zod'
import { clusterKinds } from '../cluster-kind.ts'

const count = z.int().nonnegative()
const verdict = z.enum(['passed', 'failed', 'unknown'])
const cluster = z.enum(clusterKinds)
const milliseconds = z.number().nonnegative().nullable()
const share = z.number().min(0).max(1).nullable()
/** The same as in `analysis.json`, which docs/log-format.md describes. */
const asInAnalysis = z.unknown()

const rowSchema = z.looseObject({
  scenario: z.string(),
  configuration: z.string(),
  cluster,
  sent: count.nullable().describe('Requests of the rounds that were judged; null where none was.'),
  lost: count.nullable(),
  lostShare: share,
  outcomes: z.record(z.string(), count).describe('What became of the lost requests.'),
  p50Us: z.number().nonnegative().nullable(),
  p99Us: z.number().nonnegative().nullable(),
  lostPerDisruption: z.number().nonnegative().nullable().describe('The median over rounds.'),
  margin: z.number().nullable().describe('µs, of the pod with the least: negative where nobody listened.'),
  marginText: z.string().nullable(),
  cause: z.array(z.string()).describe('Why requests were lost, or why none was.'),
  held: z.boolean().nullable().describe('Whether it kept its gates, or did what was expected of it; null: undecided.'),
  verdict,
  because: z.array(z.string()).describe('The reasons of the verdict, the weightiest first.'),
  sentence: z.string(),
  missing: count.describe('Planned rounds that were not carried out or cannot be read.'),
})

const ledgerSchema = z.strictObject({
  planned: count.describe('sent + notSent'),
  sent: count.describe('ok + lost'),
  notSent: count,
  ok: count,
  lost: count,
})

const runSchema = z.strictObject({
  scenario: z.string(),
  configuration: z.string(),
  cluster,
  round: count,
  attempt: count.describe('2 and more: the round was repeated, because it was disturbed.'),
  part: z
    .enum(['as-expected', 'unexpected', 'undecided', 'left-out', 'contradicted', 'repeated', 'missing'])
    .describe('What the run is to its row.'),
  ledger: ledgerSchema,
  outcomes: z.record(z.string(), count),
  lanes: z.record(z.string(), z.strictObject({ sent: count, lost: count, p50Ms: milliseconds, p99Ms: milliseconds })),
  lossOrigins: asInAnalysis,
  tools: z.array(asInAnalysis).describe('What other load tools would have told of the same requests.'),
  attribution: asInAnalysis,
  servers: asInAnalysis,
  network: asInAnalysis,
  hypothesis: asInAnalysis,
  gates: z.array(asInAnalysis),
  verdict,
  because: z.array(z.string()),
  voided: z.array(z.string()),
  claims: z.array(z.strictObject({ name: z.string(), holds: z.boolean(), problems: z.array(z.string()) })),
  runDir: z.string(),
})

const decisionSchema = z.looseObject({
  scenario: z.string(),
  cluster,
  first: z.string(),
  second: z.string(),
  isSame: z.boolean().describe('Both are one configuration: where they differ, the machine makes them differ.'),
  relation: z.enum(['better', 'worse', '~']).describe('What first is, compared with second; ~: undecided.'),
  p: z.number().min(0).max(1).describe('Adjusted for all pairs: 0.05 and less decides.'),
  by: z.string().describe('The test that came nearer to deciding.'),
  rounds: count.describe('In which both were judged.'),
  roundsWithLoss: z.tuple([count, count]).describe('Of first and of second.'),
  moreRounds: count.nullable().describe('How many more rounds like those before would decide.'),
})

const resultsSchema = z.strictObject({
  schema: z.literal(2),
  nodrop: z.string().describe('The version that judged.'),
  directory: z.string(),
  report: z.string().nullable().describe('The path of report.html; null where it could not be written.'),
  exitCode: count.describe('What nodrop exits with.'),
  watch: z
    .looseObject({ verdict })
    .nullable()
    .describe('What a watch has seen, as in watch.json; null of a comparison.'),
  rows: z.array(rowSchema).describe('A configuration each, over all its rounds. Times are µs, shares from 0 to 1.'),
  decisions: z.array(decisionSchema).describe('Pairs of rows of one scenario on one cluster.'),
  runs: z.array(runSchema),
})

export type Results = z.input<typeof resultsSchema>
export type RowResults = Results['rows'][number]
export type RunResults = Results['runs'][number]

/** Throws a ZodError if the value does not match the schema. */
export function parseResults(value: unknown): Results {
  return resultsSchema.parse(value)
}

export function buildResultsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(resultsSchema, { target: 'draft-7', io: 'input' })
  return { $schema, title: 'nodrop run --json', ...schema }
}
