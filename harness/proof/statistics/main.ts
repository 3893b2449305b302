/** `npm run statistics`: the statistics behind comparisons, checked with published examples and simulated comparisons. */
import { formatPercent } from '../../base/figures.ts'
import { printLines } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { computeWithDigits, publishedExamples } from './published-examples.ts'
import { trials } from './trials.ts'
import type { Trial } from './trials.ts'
import { simulateComparisons } from './simulate-comparisons.ts'

readToolOptions({
  name: 'statistics',
  does: 'holds what comparisons conclude by against published examples and simulated comparisons',
  options: {},
})

const comparisons = 1_000
const seed = 1

const examples = publishedExamples.map((example) => {
  const ours = computeWithDigits(example)
  return { ...example, ours, isMet: ours === example.published }
})
const played = trials.map((trial) => {
  const { different, medianRounds } = simulateComparisons(trial.comparison, comparisons, seed)
  return { ...trial, different, medianRounds, isMet: isWithin(trial, different / comparisons) }
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
  `${comparisons} simulated comparisons each, seed ${seed}: a difference is found in`,
  '',
  ...alignColumns(
    [
      ['comparison', 'found', 'must be', 'rounds until then, median', ''],
      ...played.map((trial) => [
        trial.title,
        formatPercent(trial.different, comparisons),
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
