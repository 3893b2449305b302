/** A scenario as a module, `export default defineScenario({ … })`. It is code, executed like any other code of its user. */
import { basename, extname } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { Scenario } from '../../model/plan.ts'
import { loadModule } from '../modules/load-module.ts'
import { parseScenario } from '../scenario-schema.ts'
import { formatIssues } from '../yaml-issues.ts'

/** Its name is that of its file. `shown` is the path in messages. Throws a usage Fault when it cannot be loaded, or is not a scenario. */
export function readScenarioModule(path: string, shown: string): Scenario {
  const { value, findPlace } = loadModule(path, { shown, define: 'defineScenario' })
  if (typeof value !== 'object' || value === null) {
    const advice = 'Write export default defineScenario({ … }), with defineScenario from nodrop.'
    throw new Fault('usage', `${shown} is not a scenario: its default export is no object`, advice)
  }
  const parsed = parseExport({ name: basename(path, extname(path)), shown }, value)
  if (parsed.scenario) return parsed.scenario
  throw new Fault('usage', `${shown} is not a scenario:\n${formatIssues({ findPlace }, parsed.error)}`)
}

function parseExport(
  { name, shown }: { name: string; shown: string },
  value: object,
): ReturnType<typeof parseScenario> {
  try {
    return parseScenario({ name, ...value }, 'code')
  } catch (error) {
    // It may be anything, even a getter that throws.
    throw new Fault('usage', `${shown}: its default export cannot be read: ${getErrorMessage(error)}`)
  }
}
