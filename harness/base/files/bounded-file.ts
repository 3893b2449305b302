/** Reads files of other programs: only regular ones, completely, up to a maximum size, so that no pipe or device blocks it. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { TextDecoder } from 'node:util'
import { Fault, getErrorMessage, describeSystemError } from '../fault.ts'
import { JsonDepth, maxJsonDepth } from './json-depth.ts'

const chunkBytes = 1 << 16
const mebibyte = 1 << 20

/** Throws a usage Fault with the path if it is not a regular file, has more than `maxBytes` or cannot be read. */
export function readBytes(path: string, maxBytes: number): Buffer {
  try {
    // Checked first, because opening a device can have an effect.
    assertRegularFile(statSync(path))
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return readContent(file, maxBytes)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new Fault('usage', `Cannot read ${path}: ${describeSystemError(error)}`, '', { cause: error })
  }
}

/** As `readBytes`, for UTF-8; a byte order mark is removed. */
export function readText(path: string, maxBytes: number): string {
  return decodeUtf8(readBytes(path, maxBytes), path)
}

function decodeUtf8(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Fault('usage', `Cannot read ${path}:${findInvalidLine(bytes)}: the text is not UTF-8`)
  }
}

/** As `readText`, for JSON. */
export function readJson(path: string, maxBytes: number): unknown {
  const bytes = readBytes(path, maxBytes)
  const depth = new JsonDepth()
  depth.push(bytes)
  if (depth.deepest > maxJsonDepth) {
    throw new Fault('usage', `Cannot read ${path}: it is nested more than ${maxJsonDepth} levels deep`)
  }
  const text = decodeUtf8(bytes, path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Fault('usage', `Cannot read ${path}: it is not JSON: ${getErrorMessage(error)}`, '', { cause: error })
  }
}

/** Throws an Error that names the type of a file that is not regular. */
export function assertRegularFile(stats: Stats): void {
  if (!stats.isFile()) throw new Error(`it is ${describeFileType(stats)}, not a regular file`)
}

function readContent(file: number, maxBytes: number): Buffer {
  const stats = fstatSync(file)
  assertRegularFile(stats)
  const chunks: Buffer[] = []
  let length = stats.size
  // Files of /proc have the size 0 whatever their content, and others may grow meanwhile.
  for (let done = 0; length <= maxBytes;) {
    const chunk = Buffer.allocUnsafe(Math.max(chunkBytes, stats.size - done))
    const read = readSync(file, chunk)
    if (read === 0) return Buffer.concat(chunks, done)
    chunks.push(chunk.subarray(0, read))
    done += read
    length = done
  }
  throw new Error(`it is larger than ${formatSize(maxBytes)}`)
}

function formatSize(bytes: number): string {
  return bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`
}

function describeFileType(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a named pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}

/** The number, from 1, of the line with the first byte that is not valid UTF-8. */
function findInvalidLine(bytes: Buffer): number {
  const valid = bytes.toString('utf8').split('\uFFFD', 1)[0] ?? ''
  return valid.split('\n').length
}
