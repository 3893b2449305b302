/** The cells of every round, and the maximum number of rounds if they continue until all is decided. */
import { Fault } from '../base/fault.ts'
import { formatPlural } from '../base/figures.ts'
import { maxRuns } from '../model/plan.ts'
import type { ComparisonPlan } from '../model/plan.ts'
import type { ConfigurationFile } from '../plan/catalogue.ts'

/** After the last useful look, a comparison should rather be split. */
const mostRounds = 192

/**
 * Adds, after each cell of the configuration that is compared with itself, the same under another name; `true`: the only configuration.
 * Throws a usage Fault if it is not one of them.
 */
export function addTwins<T extends { file: ConfigurationFile }>(cells: readonly T[], aa: string | true): T[] {
  const names = [...new Set(cells.map(({ file }) => file.configuration.name))]
  const name = aa === true && names.length === 1 ? names[0]! : aa
  if (name === true || !names.includes(name)) {
    const found = name === true ? `there are ${formatPlural(names.length, 'configuration')}` : `${name} is not played`
    const advice = `Name one with --aa NAME: ${names.join(', ')}.`
    throw new Fault('usage', `Cannot compare a configuration with itself: ${found}`, advice)
  }
  const twin = `${name}-again`
  if (names.includes(twin)) {
    throw new Fault('usage', `Cannot compare ${name} with itself: another configuration is called ${twin}`)
  }
  return cells.flatMap((cell) => {
    const { configuration } = cell.file
    if (configuration.name !== name) return [cell]
    return [cell, { ...cell, file: { ...cell.file, configuration: { ...configuration, name: twin, sameAs: name } } }]
  })
}

/** In a resumed comparison its cells decide whether a configuration is played twice, whatever the options say. */
export function withResumedTwin<T extends { aa?: string | true }>(
  asked: T,
  resumed: { plan: Pick<ComparisonPlan, 'cells'> } | null,
): T {
  if (resumed === null) return asked
  const { aa: _, ...others } = asked
  const isTwice = resumed.plan.cells.some(({ configuration }) => configuration.sameAs !== undefined)
  return { ...others, ...(isTwice && { aa: true }) } as T
}

/** `rounds`: the maximum; 1, the default, sets none. Throws a usage Fault if there is nothing to decide, or rounds are to be repeated. */
export function limitRounds(
  cells: readonly { scenario: { name: string } }[],
  { rounds, repeats }: { rounds: number; repeats?: number },
): number {
  if (repeats !== undefined) {
    throw new Fault('usage', 'Cannot use --repeats with --until-decided: a round that was disturbed is not repeated')
  }
  const byScenario = Map.groupBy(cells, ({ scenario }) => scenario.name)
  if ([...byScenario.values()].every(({ length }) => length < 2)) {
    throw new Fault(
      'usage',
      'Cannot use --until-decided: there is no second configuration to compare with',
      'Name several with --config, or compare one with itself: --aa.',
    )
  }
  const most = Math.min(mostRounds, Math.floor(maxRuns / cells.length))
  return rounds > 1 ? Math.min(rounds, most) : most
}
