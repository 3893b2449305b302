import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The set-up by a user who is not root, on a machine that has everything else. */
function saidWithout(hidden: string): string {
  const script = `
    const commands = require('./commands.cjs')
    commands.findCommand = (name) => (name === process.argv[1] ? undefined : '/usr/bin/' + name)
    process.getuid = () => 1000
    const { forTests, ensurePrograms } = require('./debian.cjs')
    ensurePrograms(forTests, (text) => console.log(text)).then((ok) => console.log(ok))`
  return spawnSync(process.execPath, ['-e', script, hidden], { cwd: join(import.meta.dirname), encoding: 'utf8' })
    .stdout
}

test.each([
  ['nginx', 'nginx'],
  ['gunicorn', 'gunicorn'],
  ['python3', 'python3'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
  ['setpriv', 'util-linux'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['mount', 'mount'],
  ['git', 'git'],
])('without %s one line says how to install %s', (hidden, debianPackage) => {
  const command = `sudo apt-get install -y --no-install-recommends ${debianPackage}`
  expect(saidWithout(hidden)).toBe(
    `missing on this machine: Debian packages ${debianPackage}; install them once with: ${command}\nfalse\n`,
  )
})

test('without apt-get the programs are named', () => {
  const script = `
    require('./commands.cjs').findCommand = (name) => (['apt-get', 'nft'].includes(name) ? undefined : name)
    const { forRuns, ensurePrograms } = require('./debian.cjs')
    ensurePrograms(forRuns, (text) => console.log(text)).then((ok) => console.log(ok))`
  const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: import.meta.dirname, encoding: 'utf8' })
  expect(stdout).toMatch(/^missing on this machine: nft; install what provides them \(.*nftables\)\nfalse\n$/)
})
