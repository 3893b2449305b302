/** The files that an image is built from, and a hash of them. */
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { createReadStream, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface BuildContext {
  /** The folder with the Dockerfile. */
  folder: string
  /** Files from elsewhere, by their name in the context. */
  extra: Record<string, string>
}

/** Hashes names, contents and the executable bit, but not times and owners, which differ between checkouts. */
export async function hashBuildContext({ folder, extra }: BuildContext): Promise<string> {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    await addFile(hash, name, join(folder, name))
  }
  for (const [name, path] of Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)))
    await addFile(hash, name, path, true)
  return hash.digest('hex').slice(0, 16)
}

async function addFile(hash: Hash, name: string, path: string, follow = false): Promise<void> {
  const status = follow ? statSync(path) : lstatSync(path)
  if (status.isDirectory()) return
  const about = status.isSymbolicLink() ? readlinkSync(path) : status.size
  // JSON and the size separate one file's end from the next one's beginning.
  hash.update(JSON.stringify([name, status.mode & 0o111, about]))
  if (!status.isFile()) return
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) hash.update(chunk)
  })
}
