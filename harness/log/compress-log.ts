/** Compresses a finished event log. At every instant one complete log exists, under its plain or its compressed name. */
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'

export const compressedSuffix = '.zst'
const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel, ZSTD_c_windowLog } = constants
const zstd = { [ZSTD_c_compressionLevel]: 6, [ZSTD_c_checksumFlag]: 1, [ZSTD_c_windowLog]: 20 }

/** Replaces `path` by `path.zst`. If there is no space for that the plain log remains, which is just as readable. */
export async function compressLog(path: string): Promise<void> {
  const part = `${path}${compressedSuffix}.part`
  try {
    const output = createWriteStream(part, { flush: true })
    await pipeline(createReadStream(path), createZstdCompress({ params: zstd }), output)
    await rename(part, `${path}${compressedSuffix}`)
    await syncDirectory(dirname(path))
  } catch {
    rmSync(part, { force: true, recursive: true })
    return
  }
  await unlink(path)
}

/** A new name survives a loss of power once its directory is synced (fsync(2)). */
async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory)
  await handle.sync()
}
