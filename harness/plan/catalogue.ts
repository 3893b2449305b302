/** The available scenarios and configurations: those in `scenarios/` and `manifests/`. */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { describeSystemError, Fault } from '../base/fault.ts'
import type { ConfigurationSource } from '../model/deployed.ts'
import type { Configuration, Expectation, Scenario } from '../model/plan.ts'
import { isManifest, readAppliedFiles } from './scenario/applied-files.ts'
import { findClosest } from './closest.ts'
import { runModule } from './modules/load-module.ts'
import { readScenarioModule } from './scenario/scenario-module.ts'
import { parseScenario } from './scenario-schema.ts'
import { formatIssues } from './yaml-issues.ts'
import { readYamlFile } from './yaml-file.ts'

/** A configuration, and its strategic merge patch for the Deployment `web` of the base. */
export interface ConfigurationFile {
  /** The path shown to people; absent without a file. */
  path?: string
  /** The SHA-256 of its bytes; absent without a file. */
  sha256?: string
  configuration: Configuration
  patch: Record<string, unknown>
}

/** The best order for a newcomer: from no measures to all of them. Others follow by name. */
const familiarOrder = ['naive', 'exec', 'nginx-quit', 'sleep', 'app-first', 'graceful', 'rollout']

/** Data, and modules: TypeScript, or JavaScript in the package that `npm pack` makes. */
const scenarioFiles = /^(?!.*\.(d|test)\.ts$).*\.(yaml|ts|js)$/

/** Definitions without a file come before those of the folder, and replace those of the same name. */
export function listScenarios({
  scenarios,
  definitions = [],
}: {
  scenarios: string
  definitions?: readonly Scenario[]
}): Scenario[] {
  return [...definitions, ...readScenarios(scenarios)]
}

/** Runs the modules of a folder, so that what they throw is reported in one line. To be awaited before its scenarios are read. */
export async function runScenarioModules(directory: string): Promise<void> {
  const modules = listFiles(directory, scenarioFiles).filter((path) => !path.endsWith('.yaml'))
  for (const path of modules) await runModule(path, { shown: toDisplayPath(path) })
}

/** Throws a usage Fault for a file that is not a scenario, or for two with the same name. */
export function readScenarios(directory: string): Scenario[] {
  const read = listFiles(directory, scenarioFiles).flatMap((path) => {
    const scenario = readScenario(path)
    return scenario === null ? [] : [{ path, scenario }]
  })
  for (const { path, scenario } of read) {
    const first = read.find((one) => one.scenario.name === scenario.name)
    if (first === undefined || first.path === path) continue
    const both = `${toDisplayPath(first.path)} and ${toDisplayPath(path)}`
    throw new Fault('usage', `${both} are both the scenario ${scenario.name}`, 'Rename one of them.')
  }
  return read.map(({ scenario }) => scenario)
}

/** `null` for a manifest that scenarios apply. */
function readScenario(path: string): Scenario | null {
  const shown = toDisplayPath(path)
  const scenario = path.endsWith('.yaml') ? readDataScenario(path, shown) : readScenarioModule(path, shown)
  return scenario && { ...scenario, steps: readAppliedFiles(scenario.steps, dirname(path), shown) }
}

function readDataScenario(path: string, shown: string): Scenario | null {
  const file = readYamlFile(path)
  if (isManifest(file.documents[0])) return null
  const parsed = parseScenario(file.documents[0], 'data')
  if (parsed.scenario) return parsed.scenario
  throw new Fault('usage', `${shown} is not a scenario:\n${formatIssues(file, parsed.error)}`)
}

/** Throws a usage Fault for a file that is not a patch. */
export function readConfigurations(directory: string): ConfigurationFile[] {
  return listFiles(directory, /\.yaml$/).map((path) => {
    const { header, documents, findPlace, sha256 } = readYamlFile(path)
    const patch = documents[0] ?? {}
    if (documents.length > 1 || typeof patch !== 'object' || Array.isArray(patch)) {
      const place = findPlace(documents.length - 1)
      throw new Fault('usage', `${place}: not a configuration: must be one patch of the Deployment, a mapping`)
    }
    return {
      path: toDisplayPath(path),
      sha256,
      configuration: parseConfiguration(path, header),
      patch: patch as Record<string, unknown>,
    }
  })
}

/** A configuration's origin in plan.json. */
export function describeSource({ path, sha256, patch }: ConfigurationFile): ConfigurationSource {
  return { path: path ?? null, sha256: sha256 ?? createHash('sha256').update(JSON.stringify(patch)).digest('hex') }
}

/** With `# loses: why` or `# loses-none: why` in the first line it is a demonstration; another first comment describes it. */
function parseConfiguration(path: string, header: string[]): Configuration {
  const name = basename(path, '.yaml')
  if (!/^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/.test(name)) {
    throw new Fault('usage', `${toDisplayPath(path)} is not a configuration: its name must be a short DNS label`)
  }
  // Lines for editors and tools are at the top as well.
  const first = header.find((line) => line !== '' && !line.startsWith('yaml-language-server:')) ?? ''
  const [, expects, hypothesis = first] = /^(loses|loses-none): (.+)$/.exec(first) ?? []
  return { name, ...(expects !== undefined && { expects: expects as Expectation }), hypothesis }
}

/** The named ones, in that order; all if none is named. For an unknown name a similar one is suggested. */
export function selectByName<T>(all: T[], nameOf: (one: T) => string, what: string, names: string[] | undefined): T[] {
  if (names === undefined) return all
  return names.map((name) => {
    const found = all.find((one) => nameOf(one) === name)
    if (found) return found
    const known = all.map(nameOf)
    const near = findClosest(name, known)
    const there = known.length === 0 ? 'There is none.' : `There are: ${known.join(', ')}.`
    const advice = near === undefined ? there : `Did you mean ${near}? ${there}`
    throw new Fault('usage', `Cannot find the ${what} "${name}"`, advice)
  })
}

function listFiles(directory: string, pattern: RegExp): string[] {
  let names: string[]
  try {
    names = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .map((entry) => entry.name)
  } catch (error) {
    throw new Fault('usage', `Cannot list ${directory}: ${describeSystemError(error)}`)
  }
  const rankFile = (name: string): number =>
    familiarOrder.indexOf(basename(name, extname(name))) + 1 || familiarOrder.length + 1
  return names.sort((a, b) => rankFile(a) - rankFile(b) || (a < b ? -1 : 1)).map((name) => join(directory, name))
}

function toDisplayPath(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
