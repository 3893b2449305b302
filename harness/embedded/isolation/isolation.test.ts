import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, test, vi } from 'vitest'
import { runChecked } from '../runtime/command.ts'
import { createPrivilegeLauncher, privileges } from '../testing/isolated-process.ts'
import { createIsolationCommand } from './isolation.ts'

describe.each(privileges)('isolation, by $privilege', ({ privilege, available }) => {
  const argv = ['env', ...(createPrivilegeLauncher(privilege) ?? []), ...createIsolationCommand(privilege === 'root')]

  test.skipIf(!available)('a command is PID 1 and root of namespaces of its own', async () => {
    const script =
      'echo $$ $(id -u); for name in net mnt pid; do readlink /proc/self/ns/$name; done; ls /sys/class/net; ip -brief link | wc -l'
    const [first, ...rest] = (await runChecked([...argv, 'sh', '-c', script])).trim().split('\n')
    expect(first).toBe('1 0')
    const own = new Set(['net', 'mnt', 'pid'].map((name) => readlinkSync(`/proc/self/ns/${name}`)))
    expect(rest.slice(0, 3).filter((namespace) => own.has(namespace))).toEqual([])
    // The loopback interface, which is down.
    expect(rest.at(-1)).toBe('1')
  })

  test.skipIf(!available)('everything ends with the process that started it', async () => {
    const mark = `4${process.pid}.25`
    const starter = `require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'inherit', 'ignore'] })`
    const inner = ['sh', '-c', `setsid sleep ${mark} & echo up; sleep ${mark}`]
    const child = spawn(process.execPath, ['-e', starter, ...argv, ...inner], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
    expect(await countProcesses(`sleep ${mark}`)).toBe(2)
    child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await countProcesses(`sleep ${mark}`)).toBe(0), 5_000)
  })
})

/** How many processes of this machine have exactly this command line. */
async function countProcesses(commandLine: string): Promise<number> {
  const script = `for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$file 2>/dev/null; echo; done | grep -cxF "$1 "; true`
  return Number(await runChecked(['sh', '-c', script, 'sh', commandLine]))
}
