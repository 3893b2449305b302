/** Hostile files of the user's: scenarios, configurations, manifests of the base, kubeconfigs. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listCommand } from '../../cli/list.ts'
import { contextOf } from '../../cluster/context-options.ts'
import { readBase } from '../../measure/run-each.ts'
import { home } from '../stage/nodrop-process.ts'
import type { Command, HostileInput } from './input.ts'

export const large: number = 1 << 20

/** At `path`, for which there is no text: a pipe that nobody writes to, a device without an end, a file of 1 TiB. */
export function pipeAt(path: string): void {
  spawnSync('mkfifo', [path])
}
export function deviceAt(path: string): void {
  symlinkSync('/dev/zero', path)
}
function sparseAt(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, 2 ** 40)
}

/** `nodrop list` of a folder with this configuration. */
function configuration(name: string, text: string | Buffer, says: RegExp, exitCode = 2): HostileInput {
  const play = (folder: string): Command => {
    writeFileSync(join(folder, 'mine.yaml'), text)
    return () => listCommand({ scenarios: join(home, 'scenarios'), manifests: folder })
  }
  return { name: `configuration: ${name}`, exitCode, says, play }
}

function scenario(name: string, text: string, says: RegExp): HostileInput {
  const play = (folder: string): Command => {
    writeFileSync(join(folder, 'mine.yaml'), text)
    return () => listCommand({ scenarios: folder, manifests: join(home, 'manifests') })
  }
  return { name: `scenario: ${name}`, exitCode: 2, says, play }
}

/** A run whose base/web.yaml is made by `make`. */
function base(name: string, make: (path: string) => void, says: RegExp): HostileInput {
  const play = (folder: string): Command => {
    cpSync(join(home, 'manifests/base'), join(folder, 'base'), { recursive: true })
    const path = join(folder, 'base/web.yaml')
    rmSync(path)
    make(path)
    return () => void readBase(folder)
  }
  return { name: `base: ${name}`, exitCode: 2, says, play }
}

/** A kubeconfig whose user has these fields. */
function kubeconfig(name: string, fields: (folder: string) => object, says: RegExp): HostileInput {
  const play = (folder: string): Command => {
    const path = join(folder, 'config')
    const { cluster = {}, user = {} } = fields(folder) as { cluster?: object; user?: object }
    const named = {
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(path, JSON.stringify(named))
    return () => void contextOf({ context: 'x', kubeconfig: path })
  }
  return { name: `kubeconfig: ${name}`, exitCode: 2, says, play }
}

function kubeconfigAt(name: string, make: (path: string) => void, says: RegExp): HostileInput {
  const play = (folder: string): Command => {
    const path = join(folder, 'config')
    make(path)
    return () => void contextOf({ context: 'x', kubeconfig: path })
  }
  return { name: `kubeconfig: ${name}`, exitCode: 2, says, play }
}

const text =
  (content: string) =>
  (path: string): void =>
    writeFileSync(path, content)
const beside = (folder: string, make: (path: string) => void): string => {
  const path = join(folder, 'beside')
  make(path)
  return path
}

const doublings = Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')
const header = '# loses: x\n'
const place = /mine\.yaml:\d+:\d+: /

export const hostileFiles: readonly HostileInput[] = [
  configuration('brackets without end', `${header}${'['.repeat(large - 99)}`, /mine\.yaml:2:\d+: .*64 levels/),
  configuration('lists within lists on one line', `${header}${'- '.repeat(large / 2 - 99)}`, /64 levels/),
  configuration('keys of keys on one line', `${header}${'? '.repeat(large / 2 - 99)}`, /64 levels/),
  configuration('doublings by aliases', `${header}a0: &a0 [x]\n${doublings}\n`, /mine\.yaml:\d+:\d+: .*1 MiB/),
  configuration(
    'a large text by many aliases',
    `${header}a: &a "${'x'.repeat(99_999)}"\nb: [${'*a,'.repeat(9_999)}]\n`,
    /mine\.yaml:3:\d+: .*1 MiB/,
  ),
  configuration('anchors, as kubectl takes them', `${header}a: &a { b: c }\nd: { <<: *a }\n`, /mine/, 0),
  configuration('an alias within itself', `${header}a: &a [*a]\n`, /mine\.yaml:2:8: .*within what it stands for/),
  configuration('a merge of text under %YAML 1.1', `${header}%YAML 1.1\n---\n<<: x\n`, /mine\.yaml:4:1: .*<< takes/),
  configuration('very many values', `${header}a: [${'1,'.repeat(large / 2 - 99)}]`, place),
  configuration('very many keys', header + Array.from({ length: 90_000 }, (_, n) => `k${n}: 1`).join('\n'), /k0|mine/),
  configuration('very many documents', `${header}${'---\n'.repeat(large / 4 - 99)}`, /more than 1000 documents/),
  configuration('an unknown tag', `${header}a: !!js/function 'x'\n`, /mine\.yaml:2:4: /),
  configuration('a number of JSON that is none', `${header}a: .nan\n`, /mine\.yaml:2:4: .*no number/),
  configuration('UTF-16', Buffer.from(`\ufeff${header}`, 'utf16le'), /mine\.yaml:1: the text is not UTF-8/),
  configuration('NUL bytes', `${header}a: ${'\0'.repeat(999_999)}`, /mine\.yaml/),
  configuration('2 MiB', header + 'x'.repeat(2 * large), /mine\.yaml: it is larger than 1 MiB/),
  scenario('a list', '- a\n', /mine\.yaml:1:1: .*object/),
  scenario('fifty thousand unknown keys', Array.from({ length: 49_999 }, (_, n) => `k${n}: 1`).join('\n'), place),
  scenario('a share that is text', 'name: s\nload: { shares: { fresh: all } }\n', /mine\.yaml:2:\d+: .*fresh/),
  base('a named pipe', pipeAt, /web\.yaml: it is a named pipe/),
  base('a device without an end', deviceAt, /web\.yaml: it is a device/),
  base('a directory', (path) => mkdirSync(path), /web\.yaml: it is a directory/),
  base('1 TiB', sparseAt, /web\.yaml: it is larger than 1 MiB/),
  base('a number', text('42\n'), /web\.yaml:1:1: .*object/),
  base(
    'an object without a name',
    text('apiVersion: v1\nkind: Service\nmetadata: {}\n'),
    /web\.yaml:3:1: metadata\.name/,
  ),
  base('nothing', text(''), /web\.yaml:1: there is no object in it/),
  kubeconfigAt('a named pipe', pipeAt, /config: it is a named pipe/),
  kubeconfigAt('a device without an end', deviceAt, /config: it is a device/),
  kubeconfigAt('half of one', text('{"clusters": [{"na'), /config:1:\d+: /),
  kubeconfigAt('text for its contexts', text('contexts: many\n'), /config:1:1: contexts: /),
  kubeconfigAt(
    'very many contexts',
    text(`contexts:\n${Array.from({ length: 30_000 }, (_, n) => `- name: c${n}`).join('\n')}\n`),
    /Cannot find the context|config:/,
  ),
  kubeconfig(
    'a certificate authority without an end',
    () => ({ cluster: { 'certificate-authority': '/dev/zero' } }),
    /certificate-authority of "c" .*it is a device/,
  ),
  kubeconfig(
    'a key that is a named pipe',
    (folder) => ({ user: { 'client-key': beside(folder, pipeAt) } }),
    /client-key of "u" .*it is a named pipe/,
  ),
  kubeconfig(
    'a token without an end',
    () => ({ user: { tokenFile: '/dev/zero' } }),
    /tokenFile of "u" .*it is a device/,
  ),
  kubeconfig(
    'a certificate of 1 TiB',
    (folder) => ({ user: { 'client-certificate': beside(folder, sparseAt) } }),
    /client-certificate of "u" .*larger than 1 MiB/,
  ),
]
