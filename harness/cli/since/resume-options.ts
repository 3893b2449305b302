/** `nodrop run --resume`: the options that the interrupted comparison determines. */
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'

/** In the `comparison.json` of every comparison. */
const planned = ['rounds', 'repeats', 'aa', 'lead', 'seed', 'out']

/** In `comparison.json` if nodrop deploys the workload. Those of a target are given again, and compared. */
const plannedOfSample = [
  'scenario',
  'config',
  'replicas',
  'rate',
  'engine',
  'connections',
  'drivers',
  'via',
  'fullRecords',
  'connectionTracking',
]

/** Throws a usage Fault for options on the command line that would be ignored. A folder's settings are for new comparisons. */
export function rejectResumedOptions(command: Command, { hasTarget }: { hasTarget: boolean }): void {
  const { resume, lastFailed, untilDecided } = command.opts<{ resume?: string; [flag: string]: unknown }>()
  if (resume === undefined) return
  if (untilDecided) {
    throw new Fault('usage', 'Cannot use --until-decided with --resume: what is left was planned before')
  }
  if (lastFailed) {
    throw new Fault('usage', 'Cannot use --last-failed with --resume: each says what is run', 'Give one of them.')
  }
  const names = hasTarget ? planned : [...planned, ...plannedOfSample]
  const options = command.options
    .filter((option) => names.includes(option.attributeName()) && isGiven(command, option))
    .map(({ long }) => long)
  const [last, ...others] = options.reverse()
  if (last === undefined) return
  const [listed, taken, what] =
    others.length === 0 ? [last, 'it is', 'it'] : [`${others.reverse().join(', ')} and ${last}`, 'they are', 'them']
  const message = `Cannot use ${listed} with --resume: ${taken} taken from the interrupted comparison`
  throw new Fault('usage', message, `Leave ${what} out.`)
}

/** `--x` and `--no-x` are two options with one value. */
function isGiven(command: Command, option: Command['options'][number]): boolean {
  const name = option.attributeName()
  return command.getOptionValueSource(name) === 'cli' && (command.getOptionValue(name) === false) === option.negate
}
