/** `npm run statistics`: what comparisons conclude by, held against published examples and against simulated sessions. */
import { formatPercent } from '../../base/figures.ts'
import { printLines } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'
import { computeWithDigits, publishedExamples } from './published-examples.ts'
import { trials } from './sessions.ts'
import type { Trial } from './sessions.ts'
import { simulateSessions } from './simulate-sessions.ts'

const sessions = 1_000
const seed = 1

const examples = publishedExamples.map((example) => {
  const ours = computeWithDigits(example)
  return { ...example, ours, isMet: ours === example.published }
})
const played = trials.map((trial) => {
  const { different, medianRounds } = simulateSessions(trial.session, sessions, seed)
  return { ...trial, different, medianRounds, isMet: isWithin(trial, different / sessions) }
})

printLines(
  'Published examples',
  '',
  ...alignColumns(
    [
      ['statistic', 'example', 'published', 'ours', '', 'source'],
      ...examples.map(({ statistic, example, published, ours, isMet, source }) => {
        return [statistic, example, published, ours, isMet ? '=' : 'DIFFERS', source]
      }),
    ],
    [],
  ),
  '',
  `${sessions} simulated sessions each, seed ${seed}: a difference is found in`,
  '',
  ...alignColumns(
    [
      ['session', 'found', 'must be', 'rounds until then, median', ''],
      ...played.map((trial) => [
        trial.title,
        formatPercent(trial.different, sessions),
        trial.atMost === undefined
          ? `≥ ${formatPercent(trial.atLeast ?? 0, 1)}`
          : `≤ ${formatPercent(trial.atMost, 1)}`,
        String(trial.medianRounds),
        trial.isMet ? 'met' : 'NOT MET',
      ]),
    ],
    [1, 2, 3],
  ),
)
process.exitCode = [...examples, ...played].every(({ isMet }) => isMet) ? 0 : 1

function isWithin({ atMost = 1, atLeast = 0 }: Trial, share: number): boolean {
  return share <= atMost && share >= atLeast
}
