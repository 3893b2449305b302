/** Hostile files of the user's: scenarios, configurations, manifests of the base, kubeconfigs. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listCommand } from '../../cli/list.ts'
import { resolveContext } from '../../cluster/context-options.ts'
import { readConfigFile } from '../../plan/config/read-config.ts'
import { readBaseManifests } from '../../measure/objects/base-manifests.ts'
import { home } from '../stage/nodrop-process.ts'
import type { Command, HostileInput } from './input.ts'

export const large: number = 1 << 20

/** Makes at `path` what has no text: a pipe without a writer, a device without an end, a file of 1 TiB. */
export function createPipe(path: string): void {
  spawnSync('mkfifo', [path])
}
export function createDevice(path: string): void {
  symlinkSync('/dev/zero', path)
}
function createSparseFile(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, 2 ** 40)
}

/** `nodrop list` for a folder with this configuration. */
function createConfigurationCase(name: string, text: string | Buffer, says: RegExp, exitCode = 2): HostileInput {
  const prepare = (folder: string): Command => {
    writeFileSync(join(folder, 'mine.yaml'), text)
    return () => listCommand({ scenarios: join(home, 'scenarios'), manifests: folder })
  }
  return { name: `configuration: ${name}`, exitCode, says, prepare }
}

function createScenarioCase(name: string, text: string, says: RegExp): HostileInput {
  const prepare = (folder: string): Command => {
    writeFileSync(join(folder, 'mine.yaml'), text)
    return () => listCommand({ scenarios: folder, manifests: join(home, 'manifests') })
  }
  return { name: `scenario: ${name}`, exitCode: 2, says, prepare }
}

/** Settings of a folder in the file of this name. */
function createSettingsCase(
  what: string,
  name: string,
  make: string | ((path: string) => void),
  says: RegExp,
): HostileInput {
  const prepare = (folder: string): Command => {
    const path = join(folder, name)
    if (typeof make === 'string') writeFileSync(path, make)
    else make(path)
    return () => void readConfigFile(path)
  }
  return { name: `settings: ${what}`, exitCode: 2, says, prepare }
}

/** A run with a base/web.yaml made by `make`. */
function createBaseCase(name: string, make: (path: string) => void, says: RegExp): HostileInput {
  const prepare = (folder: string): Command => {
    cpSync(join(home, 'manifests/base'), join(folder, 'base'), { recursive: true })
    const path = join(folder, 'base/web.yaml')
    rmSync(path)
    make(path)
    return () => void readBaseManifests(folder)
  }
  return { name: `base: ${name}`, exitCode: 2, says, prepare }
}

/** A kubeconfig whose user has these fields. */
function createKubeconfigCase(name: string, fields: (folder: string) => object, says: RegExp): HostileInput {
  const prepare = (folder: string): Command => {
    const path = join(folder, 'config')
    const { cluster = {}, user = {} } = fields(folder) as { cluster?: object; user?: object }
    const named = {
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(path, JSON.stringify(named))
    return () => void resolveContext({ context: 'x', kubeconfig: path })
  }
  return { name: `kubeconfig: ${name}`, exitCode: 2, says, prepare }
}

function createKubeconfigFileCase(name: string, make: (path: string) => void, says: RegExp): HostileInput {
  const prepare = (folder: string): Command => {
    const path = join(folder, 'config')
    make(path)
    return () => void resolveContext({ context: 'x', kubeconfig: path })
  }
  return { name: `kubeconfig: ${name}`, exitCode: 2, says, prepare }
}

const text =
  (content: string) =>
  (path: string): void =>
    writeFileSync(path, content)
const createReferencedFile = (folder: string, make: (path: string) => void): string => {
  const path = join(folder, 'beside')
  make(path)
  return path
}

const doublings = Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')
const header = '# loses: x\n'
const place = /mine\.yaml:\d+:\d+: /

export const hostileFiles: readonly HostileInput[] = [
  createConfigurationCase(
    'brackets without end',
    `${header}${'['.repeat(large - 99)}`,
    /mine\.yaml:2:\d+: .*64 levels/,
  ),
  createConfigurationCase('lists within lists on one line', `${header}${'- '.repeat(large / 2 - 99)}`, /64 levels/),
  createConfigurationCase('keys of keys on one line', `${header}${'? '.repeat(large / 2 - 99)}`, /64 levels/),
  createConfigurationCase(
    'doublings by aliases',
    `${header}a0: &a0 [x]\n${doublings}\n`,
    /mine\.yaml:\d+:\d+: .*1 MiB/,
  ),
  createConfigurationCase(
    'a large text by many aliases',
    `${header}a: &a "${'x'.repeat(99_999)}"\nb: [${'*a,'.repeat(9_999)}]\n`,
    /mine\.yaml:3:\d+: .*1 MiB/,
  ),
  createConfigurationCase('anchors, as kubectl takes them', `${header}a: &a { b: c }\nd: { <<: *a }\n`, /mine/, 0),
  createConfigurationCase(
    'an alias within itself',
    `${header}a: &a [*a]\n`,
    /mine\.yaml:2:8: .*within what it stands for/,
  ),
  createConfigurationCase(
    'a merge of text under %YAML 1.1',
    `${header}%YAML 1.1\n---\n<<: x\n`,
    /mine\.yaml:4:1: .*<< takes/,
  ),
  createConfigurationCase('very many values', `${header}a: [${'1,'.repeat(large / 2 - 99)}]`, place),
  createConfigurationCase(
    'very many keys',
    header + Array.from({ length: 90_000 }, (_, n) => `k${n}: 1`).join('\n'),
    /k0|mine/,
  ),
  createConfigurationCase(
    'very many documents',
    `${header}${'---\n'.repeat(large / 4 - 99)}`,
    /more than 1000 documents/,
  ),
  createConfigurationCase('an unknown tag', `${header}a: !!js/function 'x'\n`, /mine\.yaml:2:4: /),
  createConfigurationCase('a number of JSON that is none', `${header}a: .nan\n`, /mine\.yaml:2:4: .*no number/),
  createConfigurationCase('UTF-16', Buffer.from(`\ufeff${header}`, 'utf16le'), /mine\.yaml:1: the text is not UTF-8/),
  createConfigurationCase('NUL bytes', `${header}a: ${'\0'.repeat(999_999)}`, /mine\.yaml/),
  createConfigurationCase('2 MiB', header + 'x'.repeat(2 * large), /mine\.yaml: it is larger than 1 MiB/),
  createSettingsCase(
    'fourteen thousand unknown keys',
    'nodrop.config.yaml',
    Array.from({ length: 14_000 }, (_, n) => `k${n}: 1`).join('\n'),
    /nodrop\.config\.yaml:1:1: unknown key "k0": /,
  ),
  createSettingsCase(
    'a key of a million letters',
    'nodrop.config.yaml',
    `? ${'k'.repeat(large - 99)}\n: 1\n`,
    /nodrop\.config\.yaml:1:\d+: unknown key "k{100}": /,
  ),
  createSettingsCase(
    'a pipe that nobody writes to',
    'nodrop.config.ts',
    createPipe,
    /nodrop\.config\.ts: it is a named pipe/,
  ),
  createSettingsCase(
    'a module of 2 MiB',
    'nodrop.config.ts',
    'x'.repeat(2 * large),
    /nodrop\.config\.ts: it is larger than 1 MiB/,
  ),
  createSettingsCase(
    'a value that holds itself',
    'nodrop.config.ts',
    'const a = {}\na.target = a\nexport default a\n',
    /nodrop\.config\.ts: target\.kind: /,
  ),
  createScenarioCase('a list', '- a\n', /mine\.yaml:1:1: .*object/),
  createScenarioCase(
    'fifty thousand unknown keys',
    Array.from({ length: 49_999 }, (_, n) => `k${n}: 1`).join('\n'),
    place,
  ),
  createScenarioCase(
    'a share that is text',
    'name: s\nload: { shares: { fresh: all } }\n',
    /mine\.yaml:2:\d+: .*fresh/,
  ),
  createBaseCase('a named pipe', createPipe, /web\.yaml: it is a named pipe/),
  createBaseCase('a device without an end', createDevice, /web\.yaml: it is a device/),
  createBaseCase('a directory', (path) => mkdirSync(path), /web\.yaml: it is a directory/),
  createBaseCase('1 TiB', createSparseFile, /web\.yaml: it is larger than 1 MiB/),
  createBaseCase('a number', text('42\n'), /web\.yaml:1:1: .*object/),
  createBaseCase(
    'an object without a name',
    text('apiVersion: v1\nkind: Service\nmetadata: {}\n'),
    /web\.yaml:3:1: metadata\.name/,
  ),
  createBaseCase('nothing', text(''), /web\.yaml:1: there is no object in it/),
  createKubeconfigFileCase('a named pipe', createPipe, /config: it is a named pipe/),
  createKubeconfigFileCase('a device without an end', createDevice, /config: it is a device/),
  createKubeconfigFileCase('half of one', text('{"clusters": [{"na'), /config:1:\d+: /),
  createKubeconfigFileCase('text for its contexts', text('contexts: many\n'), /config:1:1: contexts: /),
  createKubeconfigFileCase(
    'very many contexts',
    text(`contexts:\n${Array.from({ length: 30_000 }, (_, n) => `- name: c${n}`).join('\n')}\n`),
    /Cannot find the context|config:/,
  ),
  createKubeconfigCase(
    'a certificate authority without an end',
    () => ({ cluster: { 'certificate-authority': '/dev/zero' } }),
    /certificate-authority of "c" .*it is a device/,
  ),
  createKubeconfigCase(
    'a key that is a named pipe',
    (folder) => ({ user: { 'client-key': createReferencedFile(folder, createPipe) } }),
    /client-key of "u" .*it is a named pipe/,
  ),
  createKubeconfigCase(
    'a token without an end',
    () => ({ user: { tokenFile: '/dev/zero' } }),
    /tokenFile of "u" .*it is a device/,
  ),
  createKubeconfigCase(
    'a certificate of 1 TiB',
    (folder) => ({ user: { 'client-certificate': createReferencedFile(folder, createSparseFile) } }),
    /client-certificate of "u" .*larger than 1 MiB/,
  ),
]
