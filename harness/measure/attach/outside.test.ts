import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOutside, resolveOutside } from './outside.ts'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

function writeFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-outside-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ca.pem'), content)
  return join(folder, 'ca.pem')
}

test.each<[url: string, expected: object]>([
  ['http://127.0.0.1:8080', { scheme: 'http', host: '127.0.0.1', port: 8080, path: null, tls: null }],
  ['http://shop.example', { port: 80 }],
  ['https://shop.example/', { port: 443, path: null, tls: { roots: 'system', serverName: 'shop.example' } }],
  ['https://[::1]:8443/a?b=c', { host: '::1', port: 8443, path: '/a?b=c', tls: { roots: 'system' } }],
])('%s: where the load goes, and whose certificate it accepts', (url, expected) => {
  expect(readOutside({ url }, false)).toMatchObject(expected)
})

test('certificates: of a file, or none at all, in curl’s words', () => {
  const url = 'https://shop.example'
  expect(readOutside({ url, cacert: writeFile(pem) }, false)?.tls).toEqual({ ca: pem, serverName: 'shop.example' })
  expect(readOutside({ url, insecure: true }, false)?.tls).toEqual({ unverified: true, serverName: 'shop.example' })
})

test('certificates: a key beside them stays out of the plan', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
  const cacert = writeFile(`${key}subject=shop\n${pem}${key}${pem}`)
  expect(readOutside({ url: 'https://shop.example', cacert }, false)?.tls).toMatchObject({ ca: pem + pem })
})

test('production: the word for the context allows the address too', () => {
  const url = 'https://shop.prod.example'
  expect(() => readOutside({ url }, false)).toThrow('Cannot send load to shop.prod.example: it looks like production')
  expect(readOutside({ url }, true)?.host).toBe('shop.prod.example')
})

test.each<[what: string, options: object, message: string]>([
  ['no URL', { url: 'shop.example' }, 'Cannot use --url shop.example: must be like'],
  ['another scheme', { url: 'ftp://shop.example' }, 'must be like https://'],
  ['credentials', { url: 'https://a:secret@shop.example' }, 'Cannot use --url with a user in it'],
  ['a fragment', { url: 'https://shop.example/#top' }, 'what follows # is never sent'],
  ['certificates without TLS', { url: 'http://shop.example', insecure: true }, 'Cannot use --insecure with http'],
  ['both', { url: 'https://shop.example', insecure: true, cacert: 'x' }, 'Cannot use --cacert with --insecure'],
  ['no such file', { url: 'https://shop.example', cacert: '/nowhere' }, 'Cannot read /nowhere: no such file'],
  ['no address', { cacert: 'x' }, 'Cannot use --cacert without --url'],
])('refused: %s', (_, options, message) => {
  expect(() => readOutside(options, false)).toThrow(message)
})

test('certificates: a file without one is refused', () => {
  expect(() => readOutside({ url: 'https://shop.example', cacert: writeFile('x') }, false)).toThrow(
    'must have certificates in PEM',
  )
})

test('address: looked up once, and told', async () => {
  const local = readOutside({ url: 'http://127.0.0.1:8080' }, false) ?? expect.fail()
  expect(await resolveOutside(local)).toEqual({
    kind: 'url',
    scheme: 'http',
    host: '127.0.0.1',
    port: 8080,
    address: '127.0.0.1',
  })
  const nowhere = readOutside({ url: 'http://nowhere.invalid' }, false) ?? expect.fail()
  await expect(resolveOutside(nowhere)).rejects.toMatchObject({
    kind: 'environment',
    message: expect.stringContaining('Cannot find the address of nowhere.invalid') as string,
  })
})
