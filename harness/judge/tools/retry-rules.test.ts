import { expect, test } from 'vitest'
import type { SentRequest } from './sent-request.ts'
import { countRetries, listRetryingClients } from './retry-rules.ts'

const closed: SentRequest = { outcome: 'closed-before-response', status: null, use: 1, bytes: 0, method: 'GET' }
const list = (change: Partial<SentRequest>): string => listRetryingClients({ ...closed, ...change }).join(' ')

test('a kept connection that ends before a byte of the answer: by method', () => {
  expect(list({ use: 2 })).toBe('go chromium firefox curl urllib3 nginx envoy')
  expect(list({ use: 2, method: 'PUT' })).toBe('chromium firefox curl urllib3 nginx envoy')
  expect(list({ use: 2, method: 'POST' })).toBe('chromium firefox curl envoy')
  expect(list({ use: 2, outcome: 'reset-before-response' })).toBe(list({ use: 2 }))
})

test('a new connection that ends before a byte of the answer: neither Go, nor Chromium, nor libcurl', () => {
  expect(list({})).toBe('firefox urllib3 nginx envoy')
  expect(list({ method: 'POST' })).toBe('envoy')
})

test('a refusal: nothing was sent, so proxies try another server; no browser does', () => {
  expect(list({ outcome: 'refused' })).toBe('urllib3 nginx envoy istio')
  expect(list({ outcome: 'refused', method: 'POST' })).toBe('urllib3 nginx envoy istio')
})

test('an answer, complete or cut, is retried only by curl --retry, because of its status', () => {
  expect(list({ outcome: 'http-5xx', status: 502, bytes: 300, use: 3 })).toBe('curl-retry')
  expect(list({ outcome: 'http-4xx', status: 404, bytes: 300, use: 3 })).toBe('')
  expect(list({ outcome: 'truncated', status: 200, bytes: 300, use: 3 })).toBe('')
  expect(list({ outcome: 'in-flight' })).toBe('')
})

test('counts: those that would have sent none again are left out', () => {
  const losses = [{ retriedBy: listRetryingClients(closed) }, { retriedBy: listRetryingClients({ ...closed, use: 2 }) }]
  expect(countRetries(losses)).toEqual({ go: 1, chromium: 1, firefox: 2, curl: 1, urllib3: 2, nginx: 2, envoy: 2 })
})
