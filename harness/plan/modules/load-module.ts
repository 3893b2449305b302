/** Loads a module of a user's, in TypeScript or JavaScript, for what it exports as default. It is code, and is run. */
import { realpathSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readText } from '../../base/files/bounded-file.ts'
import { Fault } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'
import { findKeyPlace } from './find-key-place.ts'

export interface LoadedModule {
  /** What it exports as default. */
  value: unknown
  /** `file:line:column` of the value at these keys, as far as they stand in the text. */
  findPlace: (document: number, keys?: readonly PropertyKey[]) => string
}

const maxBytes = 1024 * 1024
/** The module of the package `nodrop`, wherever the user has installed it, or not at all. */
const ownUrl = pathToFileURL(resolveProgram(join(import.meta.dirname, '../..'), 'index')).href
const require = createRequire(import.meta.url)

interface ModuleNames {
  /** The path as messages have it. */
  shown: string
  /** What the default export is made with, such as `defineConfig`. */
  define: string
}

/**
 * Throws a usage Fault of one line, with file and place, when the module cannot be read or parsed, throws, or has no default export. A module
 * that awaits at its top level is one that cannot be read.
 */
export function loadModule(path: string, { shown, define }: ModuleNames): LoadedModule {
  const text = readText(path, maxBytes)
  // As the loader calls it: `scenarios/mine.ts` alone would be a module of the package `scenarios`.
  const file = realpathSync(path)
  const url = pathToFileURL(file).href
  const format = /\.[mc]?ts$/.test(file) ? 'module-typescript' : 'module'
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'nodrop' ? { url: ownUrl, shortCircuit: true } : next(specifier, context),
    // Whatever the type of the package that the folder belongs to.
    load: (loaded, context, next) => next(loaded, loaded === url ? { ...context, format } : context),
  })
  try {
    const { default: value } = require(file) as { default?: unknown }
    if (value !== undefined) return { value, findPlace: (_, keys = []) => findKeyPlace(shown, text, keys) }
  } catch (error) {
    throw new Fault('usage', describeFailure(error, { url, shown }), '', { cause: error })
  } finally {
    hooks.deregister()
  }
  throw new Fault('usage', `${shown}: it has no default export`, `It ends with: export default ${define}({ … })`)
}

/** The place within the module that is loaded, or that of another file that it imports. */
function describeFailure(error: unknown, { url, shown }: { url: string; shown: string }): string {
  if (!(error instanceof Error)) return `${shown}: it throws ${toOneLine(String(error))}`
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return `${shown}: it must not await at its top level`
  const place = findPlaceInStack(error.stack ?? '', url, shown) ?? shown
  if (error instanceof SyntaxError) return `${place}: ${toOneLine(error.message)}`
  if (code === 'ERR_MODULE_NOT_FOUND') return `${shown}: ${toOneLine(error.message)}`
  return `${place}: it throws ${toOneLine(`${error.name}: ${error.message}`)}`
}

/** V8 writes `file:///…/nodrop.config.ts:2:29` in a frame, and at the head of a syntax error without the column. */
function findPlaceInStack(stack: string, url: string, shown: string): string | null {
  const places = [...stack.matchAll(/(?<file>file:\/\/[^\s()]+?)(?<place>:\d+(?::\d+)?)(?=[)\s]|$)/g)]
  const found = places.find(({ groups }) => groups?.['file'] === url) ?? places[0]
  const { file = '', place = '' } = found?.groups ?? {}
  if (file === '') return null
  return `${file === url ? shown : fileURLToPath(file)}${place}`
}

function toOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 500)
}
