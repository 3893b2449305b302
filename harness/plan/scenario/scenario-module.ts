/** A scenario that is a module, `export default defineScenario({ … })`. It is code, and run as its user runs any other. */
import { basename, extname } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { Scenario } from '../../model/plan.ts'
import { importDefault } from '../config/load-module.ts'
import { parseScenario } from '../scenario-schema.ts'
import { formatIssues } from '../yaml-issues.ts'

/** Its name is that of its file. `shown` is the path in messages. Throws a usage Fault when it cannot be loaded, or is no scenario. */
export function readScenarioModule(path: string, shown: string): Scenario {
  const exported = importDefault(path, shown)
  if (typeof exported !== 'object' || exported === null) {
    const advice = 'Write export default defineScenario({ … }), with defineScenario from nodrop.'
    throw new Fault('usage', `${shown} is not a scenario: it has no object as its default export`, advice)
  }
  const parsed = parseScenario({ name: basename(path, extname(path)), ...exported }, 'code')
  if (parsed.scenario) return parsed.scenario
  const issues = formatIssues({ findPlace: () => shown }, parsed.error)
  throw new Fault('usage', `${shown} is not a scenario:\n${issues}`)
}
