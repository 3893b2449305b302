import { expect, test } from 'vitest'
import { formatPlan } from './format-plan.ts'

test('names headers and the SHA-256 of their values, which it does not have', () => {
  const headers = { authorization: 'Bearer s3cret', accept: 'text/html' }
  const load = { ratePerSecond: 1, requests: { fresh: { method: 'GET', headers }, reused: { headers: {} } } }
  const text = formatPlan({ scenario: { load }, cells: [{ headers }] })
  expect(text).not.toContain('s3cret')
  // printf 'Bearer s3cret' | sha256sum; printf text/html | sha256sum
  const digests = {
    authorization: 'sha256:0c9ae6066b41d3711dea4667cfcc513f60cfe047fb1bf4056ca7d1a8d089cf5a',
    accept: 'sha256:bb4770ff4ac5b7d2be41a088cb27d8bcaad53b574b6f27941e8e48e9e10fc25a',
  }
  expect(JSON.parse(text)).toEqual({
    scenario: {
      load: { ratePerSecond: 1, requests: { fresh: { method: 'GET', headers: digests }, reused: { headers: {} } } },
    },
    cells: [{ headers: digests }],
  })
  expect(text.endsWith('}\n')).toBe(true)
})

test('plan: bodies and queries are digests too, and a variable stays a reference', () => {
  const authorization = { env: 'SHOP_TOKEN', prefix: 'Bearer ' }
  const expect_ = { body: { contains: 'ok' } }
  const request = { headers: { authorization }, query: { key: 's3cret' }, body: 's3cret', expect: expect_ }
  const text = formatPlan({ requests: [request, { body: { env: 'ORDER' } }] })
  expect(text).not.toContain('s3cret')
  // printf s3cret | sha256sum
  const digest = 'sha256:1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0'
  expect(JSON.parse(text)).toEqual({
    requests: [
      { headers: { authorization }, query: { key: digest }, body: digest, expect: expect_ },
      { body: { env: 'ORDER' } },
    ],
  })
})
