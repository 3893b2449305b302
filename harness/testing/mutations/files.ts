/** Damage to the file of a log: bytes, and blocks whose seals are nevertheless right. */
import { sealBlock } from '../../log/block.ts'
import { pickOne } from './mutation.ts'
import type { Random } from './mutation.ts'

export interface FileMutation {
  name: string
  /** Gets the bytes of an uncompressed log. */
  damage: (bytes: Buffer, random: Random) => Buffer
}

/** The lines of each block, without its seal. */
function splitBlocks(bytes: Buffer): string[][] {
  const blocks: string[][] = [[]]
  for (const line of bytes.toString().split('\n').slice(0, -1)) {
    if (line.startsWith('["crc",')) blocks.push([])
    else blocks.at(-1)!.push(line)
  }
  return blocks.filter((block) => block.length > 0)
}

/** The blocks with right seals. */
function sealBlocks(blocks: readonly (readonly string[])[]): Buffer {
  const parts: Buffer[] = []
  let previous = 0
  for (const lines of blocks) {
    const { bytes, checksum } = sealBlock(`${lines.join('\n')}\n`, lines.length, previous)
    parts.push(bytes)
    previous = checksum
  }
  return Buffer.concat(parts)
}

/** The blocks with their old seals, whatever precedes them. */
function changeSealedBlocks(bytes: Buffer, change: (blocks: string[]) => string[]): Buffer {
  const blocks = bytes.toString().split(/(?<=^\["crc",\d+,\d+\]\n)/m)
  return Buffer.from(change(blocks).join(''))
}

const hasRequests = (lines: readonly string[]): boolean => lines.some((line) => line.startsWith('["request"'))

function pickBlockWithRequests(blocks: readonly string[][], random: Random): number {
  const places = blocks.flatMap((lines, place) => (hasRequests(lines) ? [place] : []))
  return pickOne(places, random) ?? 0
}

const pickOffset = (length: number, random: Random): number => 1 + Math.floor(random() * (length - 1))

export const fileMutations: readonly FileMutation[] = [
  {
    name: 'change a byte',
    damage(bytes, random) {
      const other = Buffer.from(bytes)
      const at = pickOffset(bytes.length, random)
      other[at] = (other[at] ?? 0) ^ 1
      return other
    },
  },
  { name: 'cut the file off anywhere', damage: (bytes, random) => bytes.subarray(0, pickOffset(bytes.length, random)) },
  {
    name: 'cut the file off behind a block',
    damage: (bytes, random) =>
      changeSealedBlocks(bytes, (blocks) => blocks.slice(0, pickOffset(blocks.length, random))),
  },
  {
    name: 'drop a block',
    damage: (bytes, random) =>
      changeSealedBlocks(bytes, (blocks) => blocks.toSpliced(Math.floor(random() * (blocks.length - 1)), 1)),
  },
  {
    name: 'repeat a block',
    damage: (bytes, random) =>
      changeSealedBlocks(bytes, (blocks) => {
        const at = Math.floor(random() * blocks.length)
        return blocks.toSpliced(at, 0, blocks[at] ?? '')
      }),
  },
  {
    name: 'swap two blocks',
    damage: (bytes, random) =>
      changeSealedBlocks(bytes, (blocks) => {
        const at = Math.floor(random() * (blocks.length - 1))
        return blocks.toSpliced(at, 2, blocks[at + 1] ?? '', blocks[at] ?? '')
      }),
  },
  {
    name: 'drop a block with requests, and seal the rest anew',
    damage(bytes, random) {
      const blocks = splitBlocks(bytes)
      return sealBlocks(blocks.toSpliced(pickBlockWithRequests(blocks, random), 1))
    },
  },
  {
    name: 'repeat a block with requests, and seal the rest anew',
    damage(bytes, random) {
      const blocks = splitBlocks(bytes)
      const at = pickBlockWithRequests(blocks, random)
      return sealBlocks(blocks.toSpliced(at, 0, blocks[at] ?? []))
    },
  },
  {
    name: 'end the log with any block, sealed as it was',
    damage(bytes, random) {
      const blocks = splitBlocks(bytes)
      return sealBlocks(blocks.slice(0, pickOffset(blocks.length, random)))
    },
  },
  {
    name: 'call an answered request lost, and seal its block anew',
    damage(bytes, random) {
      const blocks = splitBlocks(bytes)
      const at = pickBlockWithRequests(blocks, random)
      const lines = blocks[at]?.map((line) =>
        line.startsWith('["request"') ? line.replace('"ok"', '"refused"').replace('"http-5xx"', '"ok"') : line,
      )
      return sealBlocks(blocks.toSpliced(at, 1, lines ?? []))
    },
  },
  { name: 'leave nothing', damage: () => Buffer.alloc(0) },
]
