/**
 * Lines of the event log are written in blocks, each with one write(2) and closed by a line `["crc", lines, checksum]`. The checksum is the
 * CRC-32 of the block's bytes, continued from the previous checksum, so that both a damaged and a missing block are detected. JSON escapes
 * a line feed within a record, so a line that begins with `["crc",` is always a seal.
 */
import { crc32 } from 'node:zlib'

const crcLine = /^\["crc",(\d{1,9}),(\d{1,10})\]$/
const crcStart = Buffer.from('["crc",')
const crcAfterLine = Buffer.from('\n["crc",')

export interface Seal {
  lines: number
  checksum: number
}

/** The bytes of a block of complete lines, sealed. */
export function sealBlock(text: string, lines: number, previous: number): { bytes: Buffer; checksum: number } {
  const body = Buffer.from(text)
  const checksum = crc32(body, previous)
  return { bytes: Buffer.concat([body, Buffer.from(`["crc",${lines},${checksum}]\n`)]), checksum }
}

/** The offset of the next seal in `bytes`, searched from `from`; -1 without one. */
export function findSeal(bytes: Buffer, from: number): number {
  if (from < crcStart.length && bytes.subarray(0, crcStart.length).equals(crcStart)) return 0
  const found = bytes.indexOf(crcAfterLine, Math.max(0, from - crcAfterLine.length))
  return found < 0 ? -1 : found + 1
}

const largestChecksum = 0xffff_ffff

/** The content of a seal; `null` for a line that only looks like one. */
export function parseSeal(line: string): Seal | null {
  const [, lines, checksum] = crcLine.exec(line) ?? []
  return lines === undefined || Number(checksum) > largestChecksum
    ? null
    : { lines: Number(lines), checksum: Number(checksum) }
}

/** Whether the bytes before a seal match it. */
export function isIntact(body: Buffer, seal: Seal, previous: number): boolean {
  return crc32(body, previous) === seal.checksum
}
