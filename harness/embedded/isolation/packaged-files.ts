/** Files of the machine as its packages installed them. */
import { copyFile, lstat, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { runCommand } from '../runtime/command.ts'
import { copyAttributes } from './file-tree.ts'

/** Links in /var of Debian's base system, besides the directories of packages. */
const links = ['/var/run', '/var/lock']

/** Copies the files that packages have in `directory` to `copy`, and returns `copy`. Files that are not world-readable are left out. */
export async function copyPackagedFiles(directory: string, copy: string): Promise<string> {
  const { stdout } = await runCommand(['sh', '-c', 'cat /var/lib/dpkg/info/*.list | grep "^$0/" | sort -u', directory])
  const listed = stdout.split('\n').filter((path) => path !== '')
  for (const path of [directory, ...listed, ...links.filter((link) => link.startsWith(`${directory}/`))]) {
    const stat = await lstat(path).catch(() => null)
    if (!stat) continue
    const place = join(copy, relative(directory, path))
    if (await lstat(place).catch(() => null)) continue
    await mkdir(dirname(place), { recursive: true })
    if (stat.isSymbolicLink()) await symlink(await readlink(path), place)
    else if (stat.isDirectory()) {
      await mkdir(place)
      await copyAttributes(place, stat)
    } else if (stat.isFile() && (stat.mode & 0o004) !== 0) {
      await copyFile(path, place)
      await copyAttributes(place, stat)
    }
  }
  return copy
}
