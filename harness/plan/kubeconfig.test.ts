import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '../base/fault.ts'
import { readContext } from './kubeconfig.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-kubeconfig-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function writeFile(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

function catchFault(act: () => unknown): { message: string; advice: string; exitCode: number } {
  try {
    act()
  } catch (error) {
    if (error instanceof Fault) return { message: error.message, advice: error.advice, exitCode: error.exitCode }
    throw error
  }
  throw new Error('it was not refused')
}

const two = `
apiVersion: v1
kind: Config
current-context: decoy
contexts:
  - { name: decoy, context: { cluster: decoy, user: decoy } }
  - { name: staging, context: { cluster: blue, user: robot, namespace: default } }
clusters:
  - { name: decoy, cluster: { server: 'https://127.0.0.1:1' } }
  - { name: blue, cluster: { server: 'https://10.0.0.1:6443', certificate-authority: pki/ca.crt } }
users:
  - { name: decoy, user: { token: decoys } }
  - { name: robot, user: { client-certificate: pki/me.crt, client-key: pki/me.key } }
`

function writeKubeconfig(): string {
  mkdirSync(join(directory, 'pki'))
  for (const name of ['ca.crt', 'me.crt', 'me.key']) writeFile(join('pki', name), `the bytes of ${name}`)
  return writeFile('config', two)
}

describe('a context of a kubeconfig', () => {
  test('is taken alone, its files embedded, and the file stays as it is', () => {
    const path = writeKubeconfig()
    const context = readContext('staging', path)
    const readBase64 = (name: string): string => Buffer.from(`the bytes of ${name}`).toString('base64')
    expect(context).toEqual({
      name: 'staging',
      namespace: 'default',
      cluster: {
        name: 'blue',
        fields: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': readBase64('ca.crt') },
      },
      user: {
        name: 'robot',
        fields: { 'client-certificate-data': readBase64('me.crt'), 'client-key-data': readBase64('me.key') },
      },
    })
    expect(readFileSync(path, 'utf8')).toBe(two)
  })

  test('must be named: the current context is never a default', () => {
    const { message, advice, exitCode } = catchFault(() => readContext(undefined, writeKubeconfig()))
    expect({ message, advice, exitCode }).toEqual({
      message: 'Cannot choose a cluster of the kubeconfig: name it with --context',
      advice: 'There are: decoy, staging.',
      exitCode: 2,
    })
  })

  test('is suggested when its name was mistyped', () => {
    expect(catchFault(() => readContext('stagign', writeKubeconfig()))).toEqual({
      message: 'Cannot find the context "stagign" in the kubeconfig',
      advice: 'Did you mean staging? There are: decoy, staging.',
      exitCode: 2,
    })
  })

  test('is merged from a list of files as kubectl does: the first of a name wins', () => {
    const first = writeFile('first', 'users: [{ name: decoy, user: { token: first } }]')
    const list = [first, join(directory, 'missing'), writeKubeconfig()].join(delimiter)
    expect(readContext('decoy', list).user.fields).toEqual({ token: 'first' })
    expect(readContext('staging', list).cluster.name).toBe('blue')
  })

  test("keeps its credential plugin, with kubectl's variable and a whole path", () => {
    const plugin = `
contexts: [{ name: x, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: 'https://10.0.0.1' } }]
users:
  - name: u
    user:
      exec: { apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [--quiet], env: [{ name: A, value: b }], provideClusterInfo: true }
`
    const { exec } = readContext('x', writeFile('config', plugin)).user.fields
    expect(exec).toMatchObject({ command: join(directory, 'bin/login'), args: ['--quiet'] })
    const [own, info] = exec?.env ?? []
    expect(own).toEqual({ name: 'A', value: 'b' })
    expect(info?.name).toBe('KUBERNETES_EXEC_INFO')
    expect(JSON.parse(info?.value ?? '')).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://10.0.0.1' } },
    })
  })

  test('has its token read again from where it is renewed', () => {
    const text = two.replace('{ token: decoys }', '{ tokenFile: run/token }')
    mkdirSync(join(directory, 'run'))
    writeFile('run/token', 'secret')
    const { fields } = readContext('decoy', writeFile('config', text)).user
    expect(fields).toEqual({
      'auth-provider': { name: 'tokenFile', config: { tokenFile: join(directory, 'run/token') } },
    })
  })

  test.each([
    ['no such file', 'decoy', null, /^Cannot read .*config: .*ENOENT/],
    ['not YAML', 'decoy', 'contexts: [', /config:1:\d+: not valid YAML/],
    ['binary', 'decoy', '\u0000\u0001{', /not valid YAML|is not a kubeconfig/],
    ['an alias of itself', 'decoy', 'a: &a [x, *a]', /config:1:11: .*within what it stands for/],
    ['another document', 'decoy', '[1, 2]', /is not a kubeconfig/],
    ['a string', 'decoy', 'hello', /is not a kubeconfig/],
    ['empty', 'decoy', '', /Cannot find the context "decoy"/],
    [
      'no cluster',
      'decoy',
      two.replace('- { name: decoy, cluster', '- { name: gone, cluster'),
      /Cannot find "decoy".*cluster of/,
    ],
    ['no user', 'decoy', two.replace('- { name: decoy, user', '- { name: gone, user'), /Cannot find "decoy".*user of/],
    ['a missing certificate', 'staging', two, /config:\d+:\d+: the certificate-authority of "blue".*ENOENT/],
    ['plain HTTP', 'decoy', two.replace('https://127', 'http://127'), /must be an https address, found http:\/\/127/],
    [
      'no address',
      'decoy',
      two.replace("'https://127.0.0.1:1'", 'nowhere'),
      /must be an https address, found something else/,
    ],
    ['a password', 'decoy', two.replace('https://127', 'me:s3cret@127'), /^[^]*address, found (?![^]*s3cret)/],
    [
      'a proxy',
      'decoy',
      two.replace("127.0.0.1:1'", "127.0.0.1:1', proxy-url: 'http://x'"),
      /does not support proxy-url/,
    ],
    ['groups', 'decoy', two.replace('token: decoys', 'token: t, as: me, as-groups: [g]'), /does not support as-groups/],
    [
      'a number as a token file',
      'decoy',
      two.replace('token: decoys', 'tokenFile: 7'),
      /config:\d+:\d+: cannot use the user "decoy"/,
    ],
  ])('is refused in one message: %s', (_, name, text, wanted) => {
    const path = join(directory, 'config')
    if (text !== null) writeFile('config', text)
    const { message, exitCode } = catchFault(() => readContext(name, path))
    expect({ message, exitCode }).toEqual({ message: expect.stringMatching(wanted) as string, exitCode: 2 })
  })

  test('is refused by a Fault and nothing else, however its file is damaged', () => {
    const path = writeKubeconfig()
    const readOutcome = (text: string): unknown => {
      writeFileSync(path, text)
      try {
        return readContext('staging', path)
      } catch (error) {
        return error
      }
    }
    const damage = fc.tuple(fc.nat(two.length), fc.nat(40), fc.string({ maxLength: 12, unit: 'binary' }))
    fc.assert(
      fc.property(damage, ([at, cut, put]) => {
        const seen = readOutcome(two.slice(0, at) + put + two.slice(at + cut))
        expect(seen instanceof Error ? seen : new Fault('usage', '')).toBeInstanceOf(Fault)
      }),
      { numRuns: 200 },
    )
  })
})
