/** Finds and reads the settings of a folder: as a module, or as data in YAML. */
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { formatIssues } from '../yaml-issues.ts'
import { readYamlFile } from '../yaml-file.ts'
import { configSchema } from './config-schema.ts'
import type { Config } from './config-schema.ts'
import { loadModule, runModule } from '../modules/load-module.ts'
import type { LoadedModule } from '../modules/load-module.ts'

export interface ConfigFile {
  /** The path in messages. */
  shown: string
  config: Config
}

const readers: Readonly<Record<string, (path: string, shown: string) => LoadedModule>> = {
  '.ts': readModule,
  '.mts': readModule,
  '.js': readModule,
  '.mjs': readModule,
  '.yaml': readData,
  '.yml': readData,
}
const name = 'nodrop.config'

/** The settings in this very folder: other folders are not searched, let alone run. Throws a usage Fault if there are several. */
export function findConfigFile(folder: string): string | null {
  const found = Object.keys(readers)
    .map((extension) => join(folder, `${name}${extension}`))
    .filter((path) => existsSync(path))
  const [path = null, ...others] = found
  if (others.length === 0) return path
  const names = found.map((one) => basename(one)).join(' and ')
  throw new Fault('usage', `Cannot choose between ${names}`, 'Name one with --config-file, or remove the others.')
}

/** Makes its paths absolute: they are relative to its folder. Throws a usage Fault that names file and place. */
export function readConfigFile(path: string): ConfigFile {
  const shown = toDisplayPath(path)
  const read = readers[extname(path)]
  if (read === undefined) {
    throw new Fault('usage', `Cannot read ${shown}: its name must end in ${Object.keys(readers).join(', ')}`)
  }
  const { value, findPlace } = read(resolve(path), shown)
  return { shown, config: resolvePaths(parseConfig(value, { shown, findPlace }), dirname(resolve(path))) }
}

/** Runs settings that are a module, so that an error is reported in one line. Await it before `readConfigFile`. */
export async function runConfigFile(path: string): Promise<void> {
  if (readers[extname(path)] === readModule && existsSync(path)) {
    await runModule(resolve(path), { shown: toDisplayPath(path) })
  }
}

function readModule(path: string, shown: string): LoadedModule {
  return loadModule(path, { shown, define: 'defineConfig' })
}

function readData(path: string, shown: string): LoadedModule {
  const file = readYamlFile(path)
  if (file.documents.length > 1) throw new Fault('usage', `${file.findPlace(1)}: it has more than one document`)
  const findPlace: LoadedModule['findPlace'] = (document, keys) => {
    const place = file.findPlace(document, keys)
    return place.startsWith(path) ? `${shown}${place.slice(path.length)}` : place
  }
  return { value: file.documents[0] ?? {}, findPlace }
}

function parseConfig(
  value: unknown,
  { shown, findPlace }: Pick<LoadedModule, 'findPlace'> & { shown: string },
): Config {
  try {
    const parsed = configSchema.safeParse(value)
    if (parsed.success) return parsed.data
    throw new Fault('usage', formatIssues({ findPlace }, parsed.error, 0, configSchema))
  } catch (error) {
    if (error instanceof Fault) throw error
    // A module may export anything, even a getter that throws.
    throw new Fault('usage', `${shown}: its default export cannot be read: ${getErrorMessage(error)}`)
  }
}

function resolvePaths(config: Config, folder: string): Config {
  const { manifests, scenarioFolder } = config
  return {
    ...config,
    ...(manifests !== undefined && { manifests: resolve(folder, manifests) }),
    ...(scenarioFolder !== undefined && { scenarioFolder: resolve(folder, scenarioFolder) }),
  }
}

function toDisplayPath(path: string): string {
  const fromHere = relative(process.cwd(), resolve(path))
  return fromHere.startsWith('..') ? path : fromHere
}
