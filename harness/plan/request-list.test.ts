import { expect, test } from 'vitest'
import type { z } from 'zod'
import { requestListSchema } from './request-list.ts'

test('list: what a request may have', () => {
  const requests = [
    { path: '/cart?a=1', expect: { status: [200, 404], header: { 'Content-Type': 'text/html' } } },
    {
      name: 'order',
      weight: 3,
      method: 'POST',
      path: '/orders',
      query: { key: { env: 'SHOP_KEY' }, page: '2' },
      headers: { Authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' }, Accept: 'text/html' },
      body: '{"id": 1}',
      expect: { status: '2xx', body: { contains: 'ok', matches: '"(ok|up)"', sha256: 'a'.repeat(64) } },
    },
  ]
  expect(requestListSchema.parse(requests)).toEqual(requests)
})

const many = (count: number): object[] => Array.from({ length: count }, () => ({}))

test.each<[string, unknown, RegExp]>([
  ['no request', [], /Too small/],
  ['more than 100', many(101), /Too big/],
  ['a key that is not known', [{ wieght: 2 }], /Unrecognized key: "wieght"/],
  ['a method that opens a tunnel', [{ method: 'CONNECT' }], /must be one of GET, HEAD, POST/],
  ['a method that echoes credentials', [{ method: 'TRACE' }], /must be one of GET/],
  ['a weight of nothing', [{ weight: 0 }], /Too small/],
  ['a path with a space', [{ path: '/a b' }], /must begin with \//],
  ['a path with a second line', [{ path: '/ HTTP/1.1\r\nhost: x' }], /must begin with \//],
  ['a path with a fragment', [{ path: '/a#b' }], /must begin with \//],
  ['a host of its own', [{ headers: { Host: 'x' } }], /must be headers that a client may choose/],
  ['a length of its own', [{ headers: { 'content-length': '1' } }], /must be headers that a client may choose/],
  [
    'a coding of its own',
    [{ headers: { 'Transfer-Encoding': 'chunked' } }],
    /must be headers that a client may choose/,
  ],
  ['a connection of its own', [{ headers: { connection: 'close' } }], /must be headers that a client may choose/],
  ['a header twice', [{ headers: { Accept: 'a', accept: 'b' } }], /each once/],
  ['a header with a second line', [{ headers: { accept: 'a\r\nb: c' } }], /must be the value of a header/],
  [
    'a variable that is none',
    [{ body: { env: 'A-B' }, method: 'POST' }],
    /must be the name of an environment variable/,
  ],
  ['a GET with a body', [{ body: 'x' }], /GET and HEAD have no body/],
  ['a HEAD whose answer has a body', [{ method: 'HEAD', expect: { body: { contains: 'x' } } }], /HEAD has no body/],
  ['a body of more than 1 MiB', [{ method: 'POST', body: 'x'.repeat((1 << 20) + 1) }], /Too big/],
  ['a status that ends no exchange', [{ expect: { status: 101 } }], /Too small/],
  ['a pattern that may take for ever', [{ expect: { body: { matches: '(a+)+\\1' } } }], /back-references/],
  ['two of the same name', [{ name: 'a' }, { name: 'a' }], /must have names that differ/],
])('refused: %s', (_, requests, message) => {
  const parsed = requestListSchema.safeParse(requests)
  expect(parsed.success).toBe(false)
  expect(explainAll(parsed.error?.issues ?? [])).toMatch(message)
})

/** With the messages for each kind that a value may have. */
function explainAll(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .flatMap((issue) => [issue.message, ...(issue.code === 'invalid_union' ? issue.errors.map(explainAll) : [])])
    .join('\n')
}
