import { expect, test } from 'vitest'
import { resolveCapabilities, resolveCredentials } from './credentials.ts'

const accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/srv/web:/bin/sh\n',
  group: 'web:x:34:\nadm:x:4:root,web\nwebmaster:x:5:webby\n',
}

test.each([
  ['', { uid: 0, gid: 0, home: '/root' }],
  ['web', { uid: 33, gid: 34, home: '/srv/web' }],
  ['33', { uid: 33, gid: 34, home: '/srv/web' }],
  ['web:adm', { uid: 33, gid: 4, home: '/srv/web' }],
  ['10001:10002', { uid: 10001, gid: 10002, home: '/' }],
  ['10001', { uid: 10001, gid: 0, home: '/' }],
])('Credentials: USER %s', (user, expected) => {
  expect(resolveCredentials(user, accounts)).toMatchObject(expected)
})

test('Credentials: an unknown name is refused', () => {
  expect(() => resolveCredentials('nobody-here', accounts)).toThrow('unable to find user nobody-here')
  expect(() => resolveCredentials('web:nowhere', accounts)).toThrow('unable to find group nowhere')
})

test('Credentials: a user is in the groups that name it', () => {
  expect(resolveCredentials('33', accounts).groups).toEqual([4])
  expect(resolveCredentials('10001', accounts).groups).toEqual([])
})

test.each([
  [{}, ['CHOWN', 'MKNOD', 'NET_RAW'], ['NET_ADMIN']],
  [{ drop: ['ALL'] }, [], ['CHOWN', 'NET_RAW']],
  [{ drop: ['ALL'], add: ['NET_BIND_SERVICE'] }, ['NET_BIND_SERVICE'], ['CHOWN']],
  [{ drop: ['NET_RAW'], add: ['NET_ADMIN'] }, ['CHOWN', 'NET_ADMIN'], ['NET_RAW']],
  [{ drop: ['NET_ADMIN'], add: ['NET_ADMIN'] }, ['CHOWN'], ['NET_ADMIN']],
])('Credentials: capabilities of root with %j', (asked, present, absent) => {
  const capabilities = resolveCapabilities(asked)
  expect(capabilities).toEqual(expect.arrayContaining(present))
  expect(capabilities.filter((name) => absent.includes(name))).toEqual([])
})
