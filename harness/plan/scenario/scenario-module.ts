/** A scenario that is a module, `export default defineScenario({ … })`. It is code, and run as its user runs any other. */
import { createRequire, registerHooks } from 'node:module'
import { basename, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'
import type { Scenario } from '../../model/plan.ts'
import { parseScenario } from '../scenario-schema.ts'
import { formatIssues } from '../yaml-issues.ts'

const require = createRequire(import.meta.url)
/** What `import … from 'nodrop'` gets in it, wherever it lies: this nodrop, also where a project has none or another. */
const ownEntry = pathToFileURL(resolveProgram(join(import.meta.dirname, '../..'), 'index')).href

/** Its name is that of its file. `shown` is the path in messages. Throws a usage Fault when it cannot be loaded, or is no scenario. */
export function readScenarioModule(path: string, shown: string): Scenario {
  const exported = loadDefault(path, shown)
  if (typeof exported !== 'object' || exported === null) {
    const advice = 'Write export default defineScenario({ … }), with defineScenario from nodrop.'
    throw new Fault('usage', `${shown} is not a scenario: it has no object as its default export`, advice)
  }
  const parsed = parseScenario({ name: basename(path, extname(path)), ...exported }, 'code')
  if (parsed.scenario) return parsed.scenario
  const issues = formatIssues({ findPlace: () => shown }, parsed.error)
  throw new Fault('usage', `${shown} is not a scenario:\n${issues}`)
}

/** Loaded at once: a scenario has nothing to wait for. */
function loadDefault(path: string, shown: string): unknown {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'nodrop' ? { url: ownEntry, shortCircuit: true } : next(specifier, context),
  })
  try {
    return (require(path) as { default?: unknown }).default
  } catch (error) {
    throw new Fault('usage', `${findPlace(path, shown, error)}: cannot be loaded: ${findMessage(error)}`)
  } finally {
    hooks.deregister()
  }
}

/** `file:line:column`, as far as the error tells. */
function findPlace(path: string, shown: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const from = stack.indexOf(path)
  const place = from < 0 ? null : /^(:\d+){1,2}/.exec(stack.slice(from + path.length))
  return `${shown}${place?.[0] ?? ''}`
}

/** One sentence; what follows it is an excerpt of the source. */
function findMessage(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_REQUIRE_ASYNC_MODULE')
    return 'it has an await outside of every function'
  return getErrorMessage(error).trim().split('\n')[0] ?? ''
}
