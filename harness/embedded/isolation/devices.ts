/** The few device files of every container (OCI runtime spec, "Default Devices"). */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runChecked } from '../runtime/command.ts'
import { formatFstab } from './fstab.ts'
import type { MountEntry } from './fstab.ts'

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty']
/** Terminals are separate for each container; see mounts.ts. */
const links = {
  ptmx: 'pts/ptmx',
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
}

/** Fills `directory` once for all containers. Bind-mounted, because mknod(2) of a device needs root outside of user namespaces. */
export async function makeDevices(directory: string): Promise<void> {
  for (const name of ['shm', 'pts']) await mkdir(join(directory, name), { recursive: true })
  await chmod(directory, 0o755)
  for (const [name, target] of Object.entries(links)) await symlink(target, join(directory, name))
  const entries = devices.map((name): MountEntry => ({
    source: `/dev/${name}`,
    target: join(directory, name),
    type: 'none',
    options: ['bind'],
  }))
  for (const { target } of entries) await writeFile(target, '')
  const fstab = `${directory}.fstab`
  await writeFile(fstab, formatFstab(entries))
  await runChecked(['mount', '--all', '--fstab', fstab])
}
