/** JSON from a client, before its shape is known. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** A JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets an own property with any name: an assignment to `__proto__` would change the prototype instead. */
export function setOwnProperty(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** The value of an own property. */
export function getOwnProperty(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

const rendered = new WeakMap<object, string>()

/** The text of a frozen object, made once for all watches that send it. */
export function stringifyFrozen(frozen: object): string {
  let text = rendered.get(frozen)
  if (text === undefined) rendered.set(frozen, (text = JSON.stringify(frozen)))
  return text
}

/** Equal as JSON: the order of keys does not matter, and undefined is the same as absent. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => isEqualJson(one, b[i]))
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => isEqualJson(left[key], right[key]))
}

/** Freezes a value with all its contents. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
