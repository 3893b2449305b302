/** Loads a user's module, in TypeScript or JavaScript, for its default export. It is code, and it is executed. */
import { realpathSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { isNativeError, isPromise } from 'node:util/types'
import { readText } from '../../base/files/bounded-file.ts'
import { Fault } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'
import { findKeyPlace } from './find-key-place.ts'

export interface LoadedModule {
  /** Its default export. */
  value: unknown
  /** `file:line:column` of the value at these keys, as far as they are in the text. */
  findPlace: (document: number, keys?: readonly PropertyKey[]) => string
}

const maxBytes = 1024 * 1024
/** The module of the package `nodrop`, wherever the user has installed it, or even without an installation. */
const ownUrl = pathToFileURL(resolveProgram(join(import.meta.dirname, '../..'), 'index')).href
const require = createRequire(import.meta.url)

interface ModuleNames {
  /** The path in messages. */
  shown: string
  /** The function for the default export, such as `defineConfig`. */
  define: string
}

/** Time limit in ms for a module that awaits, which `loadModule` refuses. */
const runLimitMs = 2_000

/**
 * Runs a module before `loadModule` returns its export, and reports what it has thrown. With `require` alone Node writes three lines to
 * standard error if the thrown value is not an object. Throws a usage Fault of one line for rejected promises of the module that are not
 * handled.
 */
export async function runModule(path: string, { shown }: Pick<ModuleNames, 'shown'>): Promise<void> {
  const rejected: unknown[] = []
  const ended = new AbortController()
  const collect = (reason: unknown): void => void rejected.push(reason)
  const url = pathToFileURL(realpathSync(path)).href
  const hooks = registerOwnHooks(url)
  process.on('unhandledRejection', collect)
  try {
    const isOver = import(url).then(
      ({ default: value }: { default?: unknown }) => silence(value),
      () => undefined,
    )
    const limit = setTimeout(runLimitMs, undefined, { signal: ended.signal }).catch(() => undefined)
    await Promise.race([isOver, limit])
    // Unhandled rejections are reported once all due work is done.
    await setImmediate()
  } finally {
    ended.abort()
    process.off('unhandledRejection', collect)
    hooks.deregister()
  }
  if (rejected.length === 0) return
  const reason = describeThrown(rejected[0])
  throw new Fault('usage', `${shown}: it rejects a promise that nothing waits for: ${reason}`, '', {
    cause: rejected[0],
  })
}

/** An exported promise is refused as such, whatever its result. */
function silence(value: unknown): void {
  if (isPromise(value)) value.catch(() => undefined)
}

function registerOwnHooks(url: string): ReturnType<typeof registerHooks> {
  const format = /\.[mc]?ts$/.test(url) ? 'module-typescript' : 'module'
  return registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'nodrop' ? { url: ownUrl, shortCircuit: true } : next(specifier, context),
    // For any type of the package that contains the folder.
    load: (loaded, context, next) => next(loaded, loaded === url ? { ...context, format } : context),
  })
}

/**
 * Throws a usage Fault of one line, with file and place, when the module cannot be read or parsed, throws, or has no default export. A
 * module with a top-level await cannot be read.
 */
export function loadModule(path: string, { shown, define }: ModuleNames): LoadedModule {
  const text = readText(path, maxBytes)
  // In the loader's form: `scenarios/mine.ts` alone would be a module of the package `scenarios`.
  const file = realpathSync(path)
  const url = pathToFileURL(file).href
  const hooks = registerOwnHooks(url)
  let value: unknown
  try {
    value = (require(file) as { default?: unknown }).default
  } catch (error) {
    throw new Fault('usage', describeFailure(error, { url, shown }), '', { cause: error })
  } finally {
    hooks.deregister()
  }
  if (isPromise(value)) {
    silence(value)
    throw new Fault('usage', `${shown}: its default export is a promise: it must be what ${define} gives`)
  }
  if (value !== undefined) return { value, findPlace: (_, keys = []) => findKeyPlace(shown, text, keys) }
  throw new Fault('usage', `${shown}: it has no default export`, `It ends with: export default ${define}({ … })`)
}

/** The place within the loaded module, or in another file that it imports. */
function describeFailure(error: unknown, { url, shown }: { url: string; shown: string }): string {
  if (!isNativeError(error)) return `${shown}: it throws ${describeThrown(error)}`
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return `${shown}: it must not await at its top level`
  const place = findPlaceInStack(readStack(error), url, shown) ?? shown
  if (error instanceof SyntaxError) return `${place}: ${toOneLine(error.message)}`
  if (code === 'ERR_MODULE_NOT_FOUND') return `${shown}: ${toOneLine(error.message)}`
  return `${place}: it throws ${describeThrown(error)}`
}

/** The value may be anything, and reading it may throw. */
function describeThrown(thrown: unknown): string {
  if (isNativeError(thrown)) return toOneLine(`${thrown.name}: ${thrown.message}`)
  return toOneLine(typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 0, customInspect: false }))
}

function readStack(error: Error): string {
  try {
    return String(error.stack)
  } catch {
    return ''
  }
}

/** V8 writes `file:///…/nodrop.config.ts:2:29` in a frame, and without the column at the head of a syntax error. */
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
