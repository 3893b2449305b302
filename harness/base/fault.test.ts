import { expect, test } from 'vitest'
import { Fault, getErrorMessage, redactUrls } from './fault.ts'

test.each([
  ['https://me:s3cret@host:6443/api?token=s3cret', 'https://host:6443/api?…'],
  ['Get "http://10.0.0.1/healthz?key=s3cret": refused', 'Get "http://10.0.0.1/healthz?…": refused'],
  ['ws://s3cret@host, and HTTPS://a:p@s3cret@host/x', 'ws://host, and HTTPS://host/x'],
  ['see https://host/page#part.', 'see https://host/page#part.'],
  ['file:///home/me/report.html', 'file:///home/me/report.html'],
  ['GET /records?after=1 of me@host', 'GET /records?after=1 of me@host'],
  ['https://host/@scope/name', 'https://host/@scope/name'],
])('redaction: %s is shown as %s', (text, told) => {
  expect(redactUrls(text)).toBe(told)
  expect(getErrorMessage(new Error(text))).toBe(told)
  const fault = new Fault('unknown', text, text)
  expect([fault.message, fault.advice, String(fault.stack).includes('s3cret')]).toEqual([told, told, false])
})

test('redaction: linear in a text of a megabyte that is full of URLs', () => {
  const began = performance.now()
  for (const part of ['a.', 'a://', 'a+b-', 'x://u:p', 'https://@', '?'])
    redactUrls(part.repeat(1_000_000 / part.length))
  expect(performance.now() - began).toBeLessThan(2000)
})
