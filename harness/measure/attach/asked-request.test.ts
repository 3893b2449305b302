import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { LoadPlan } from '../../model/plan.ts'
import { createCertificate } from '../../testing/certificate.ts'
import { applyRequestOptions } from './asked-request.ts'
import type { RequestOptions } from './asked-request.ts'

const load: LoadPlan = {
  ratePerSecond: 1,
  shares: { fresh: 1, reused: 0, 'reused-post': 0 },
  workMs: 0,
  thinkMs: 0,
  timeoutMs: 1,
}
const apply = (options: RequestOptions, own = load): LoadPlan =>
  applyRequestOptions(own, 'the scenario rollout', options)

test('options: one request with what was asked, and a variable as a reference', () => {
  expect(
    apply({
      method: 'OPTIONS',
      header: ['Accept: text/html ', 'X-Empty:'],
      headerEnv: ['Authorization=SHOP_AUTH'],
      expectStatus: [200, '3xx'],
    }).requests,
  ).toEqual([
    {
      method: 'OPTIONS',
      headers: { Accept: 'text/html', 'X-Empty': '', Authorization: { env: 'SHOP_AUTH' } },
      expect: { status: [200, '3xx'] },
    },
  ])
  expect(apply({ method: 'POST', body: '{}' }).requests).toEqual([{ method: 'POST', body: '{}' }])
  expect(apply({})).toEqual(load)
})

test('options: no lane is left with requests that are not asked for', () => {
  const own = { ...load, shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 } }
  expect(apply({ method: 'POST' }, own).shares).toEqual({ fresh: 0.5, reused: 0.5, 'reused-post': 0 })
  expect(apply({}, own).shares).toEqual(own.shares)
})

test('settings: their requests stand in for those of the scenario, and one of the options for them', () => {
  const requests = [{ path: '/cart' }, { path: '/pay', weight: 2 }]
  expect(apply({ requests }).requests).toEqual(requests)
  expect(apply({ requests, method: 'HEAD' }).requests).toEqual([{ method: 'HEAD' }])
})

test('options: TLS with the authorities of a file, or knowingly unverified', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ca.pem')
  const { cert } = await createCertificate()
  writeFileSync(path, cert)
  const ca = `${cert.trim()}\n`
  expect(apply({ tls: path, tlsServerName: 'shop.example' }).tls).toEqual({ ca, serverName: 'shop.example' })
  expect(apply({ tls: 'unverified' }).tls).toEqual({ unverified: true })
  writeFileSync(path, 'nothing')
  expect(() => apply({ tls: path })).toThrow(/must be a file of certificates in PEM, or the word unverified/)
})

test.each<[string, RequestOptions, RegExp]>([
  ['a method that is not sent', { method: 'TRACE' }, /^Cannot use --method: /],
  ['a header that is none', { header: ['s3cret'] }, /^Cannot use --header: must be like/],
  ['a host of its own', { header: ['Host: s3cret'] }, /^Cannot use --header: must be headers that a client may choose/],
  ['a header with a second line', { header: ['A: s3cret\r\nB: c'] }, /^Cannot use --header A: must be the value/],
  ['a header twice', { header: ['A: s3cret', 'a: b'] }, /^Cannot use --header: .*each once/],
  [
    'the same header twice',
    { header: ['A: s3cret'], headerEnv: ['A=B'] },
    /^Cannot use --header: must not name a header twice/,
  ],
  ['a variable that is none', { headerEnv: ['A=$s3cret'] }, /^Cannot use --header-env: must be like/],
  ['a GET with a body', { body: 's3cret' }, /^Cannot use --body: GET and HEAD have no body/],
  ['a name without TLS', { tlsServerName: 'a' }, /^Cannot use --tls-server-name without --tls/],
])('refused without its value: %s', (_, options, message) => {
  const applying = (): unknown => apply(options)
  expect(applying).toThrow(message)
  expect(applying).not.toThrow(/s3cret/)
})

test('refused: an option beside a list of requests', () => {
  expect(() => apply({ method: 'HEAD' }, { ...load, requests: [{ path: '/' }] })).toThrow(
    'Cannot use --method with the scenario rollout, which has a list of requests of its own',
  )
})
