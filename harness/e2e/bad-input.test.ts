import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { home, runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'

let folder = ''
/** A folder of manifests with a file of this content beside the base. */
const writeConfiguration = (name: string, content: string): string => {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  cpSync(join(home, 'manifests/base'), join(path, 'base'), { recursive: true })
  writeFileSync(join(path, 'mine.yaml'), content)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-bad-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** One message of one or a few lines, nothing on standard output, no stack. */
function expectRefused({ code, stdout, stderr }: NodropResult, as: number, saying: RegExp): void {
  expect(stderr).toMatch(saying)
  expect([code, stdout]).toEqual([as, ''])
  expect(stderr).not.toMatch(/^ {4}at /m)
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(16)
}

/** A patch that is well-formed but invalid. */
const refused = 'spec: { template: { spec: { containers: [{ name: app, ports: [{ containerPort: 99999 }] }] } } }'

test('output: what cannot be written is not taken for written', async () => {
  const ended = await runNodrop(['list'], { through: ['sh', '-c', 'exec "$@" > /dev/full', 'sh'] })
  expectRefused(ended, 3, /Cannot write the output: ENOSPC/)
})

const isRoot = process.getuid?.() === 0
const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

/**
 * A user namespace without further namespaces and without root: the limit on user namespaces applies in the namespace in which it is set.
 * Root maps its users from outside, and the shell inside must be started again to be its root.
 */
const withoutNamespaces = `
unshare --user sh -c 'while [ "$(id -u)" != 0 ]; do sleep 0.02; done; exec sh -c "$@"' sh \
  'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --reuid=1234 --regid=1234 --clear-groups "$@"' sh "$@" &
pid=$!
while [ "$(readlink "/proc/$pid/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
echo '0 0 65536' > "/proc/$pid/uid_map" && echo '0 0 65536' > "/proc/$pid/gid_map" || kill "$pid"
wait "$pid"`
const maps = isRoot && spawnSync('sh', ['-c', withoutNamespaces, 'sh', 'true']).status === 0

describe.skipIf(!able)('a machine that cannot run it: exit code 3, and what to do', () => {
  test.skipIf(!isRoot)('nginx is not installed', async () => {
    using stage = createStage()
    // In its own mount namespace, where dpkg does not know nginx.
    const script = `sed '/^Package: nginx/,/^$/d' /var/lib/dpkg/status > "$TMPDIR/status" &&
      mount --bind "$TMPDIR/status" /var/lib/dpkg/status && exec "$@"`
    const through = ['unshare', '--mount', 'sh', '-c', script, 'sh']
    const ended = await runNodrop(['run', ...stage.options, '--config', 'exec'], { env: stage.env, through })
    expectRefused(ended, 3, /packages of the images: missing: nginx.*\napt-get install nginx/)
  })

  test.skipIf(!maps)('user namespaces are forbidden', async () => {
    using stage = createStage()
    for (const path of [stage.folder, ...readdirSync(stage.folder).map((name) => join(stage.folder, name))])
      chmodSync(path, 0o777)
    const through = ['sh', '-c', withoutNamespaces, 'sh']
    const ended = await runNodrop(['run', ...stage.options, '--config', 'exec'], { env: stage.env, through })
    expectRefused(ended, 3, /user namespaces are forbidden: user\.max_user_namespaces is 0/)
    expect(ended.stderr).toMatch(/sysctl -w user\.max_user_namespaces=|run nodrop as root/)
  })

  test('configurations that the API refuses are bad usage, each by its place', async () => {
    using stage = createStage()
    const folder = writeConfiguration('refused', `# loses: x\n${refused}\n`)
    writeFileSync(join(folder, 'typo.yaml'), '# loses: x\nspec:\n  template:\n    spec:\n      hostNetworks: true\n')
    cpSync(join(home, 'manifests/exec.yaml'), join(folder, 'exec.yaml'))
    const options = [...stage.options, '--manifests', folder, '--config', 'exec,mine,typo']
    const ended = await runNodrop(['run', ...options, '--json'], { env: stage.env })
    expect([ended.code, ended.stdout]).toEqual([2, ''])
    expect(ended.stderr).toMatch(/mine\.yaml:2:65: Cannot apply the configuration mine: .*containerPort/)
    expect(ended.stderr).toMatch(/typo\.yaml:\d:\d+: Cannot apply the configuration typo: .*unknown field/)
    expect(ended.stderr).toMatch(/An embedded cluster is started/)
    expect(stage.findComparison()).toBe(null)
    await stage.waitUntilClean([])
  })

  test('an object of the base that the API refuses is named by its file', async () => {
    using stage = createStage()
    const folder = writeConfiguration('base', '# loses: x\n')
    const control = readFileSync(join(folder, 'base/control.yaml'), 'utf8')
    writeFileSync(join(folder, 'base/control.yaml'), control.replace('port: 80,', 'port: 0,'))
    const ended = await runNodrop(['run', ...stage.options, '--manifests', folder], { env: stage.env })
    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(/base\/control\.yaml:\d+:\d+: Cannot create Service control: /)
    await stage.waitUntilClean([])
  })
})
