import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readObjects } from '../../plan/objects.ts'
import { compareMarks } from './server-mark.ts'
import type { ServerMark } from './server-mark.ts'
import { readServerResults } from './server-results.ts'
import { renderServersPage } from './servers-page.ts'
import { foreignServers, selectServerPlays } from './servers.ts'
import { listStrangers } from './strangers.ts'

const root = join(import.meta.dirname, '../../..')
const names = foreignServers.map(({ name }) => name).sort()

test('every server has an image and objects, and no others are there', () => {
  expect(readdirSync(join(root, 'apps/servers')).sort()).toEqual(names)
  expect(names.filter((name) => !existsSync(join(root, 'apps/servers', name, 'Dockerfile')))).toEqual([])
  expect(
    readdirSync(join(root, 'manifests/servers'))
      .map((file) => file.replace(/\.yaml$/, ''))
      .sort(),
  ).toEqual(names)
})

test('objects: a Service and a Deployment of the server’s name, of its images and of those behind it', () => {
  for (const { name, behind = [] } of foreignServers) {
    const objects = readObjects(join(root, 'manifests/servers', `${name}.yaml`))
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      `Service ${name}`,
      `Deployment ${name}`,
    ])
    const images = [...JSON.stringify(objects).matchAll(/"nodrop\/([a-z-]+):dev"/g)].map(([, image]) => image)
    expect(images).toEqual([name, ...behind])
  }
})

test('selection: by name, all without one', () => {
  const chosen = selectServerPlays(['haproxy × graceful', 'node-plain'])
  expect(chosen.map(({ server, variant }) => [server.name, variant])).toEqual([
    ['node-plain', 'plain'],
    ['haproxy', 'graceful'],
  ])
  expect(selectServerPlays(undefined)).toHaveLength(2 * foreignServers.length)
})

const buildMark = (kinds: ServerMark['kinds'], sent = 1000): ServerMark => ({
  date: '2030-01-01',
  verdict: 'failed',
  because: [],
  sent,
  lost: kinds.reduce((sum, [, count]) => sum + count, 0),
  kinds,
  losses: [],
  exits: [],
  strangers: [],
})

test('agreement: the same kinds, of one order of magnitude', () => {
  const some = buildMark([
    ['refused', 40],
    ['reset-before-response', 8],
  ])
  expect(
    compareMarks(
      some,
      buildMark([
        ['refused', 12],
        ['reset-before-response', 2],
      ]),
    ),
  ).toEqual([])
  expect(
    compareMarks(
      some,
      buildMark([
        ['refused', 2],
        ['reset-before-response', 2],
      ]),
    ),
  ).toEqual(['lost 48 of 1000 (4.8 %) and 4 of 1000 (0.4 %)'])
  expect(compareMarks(some, buildMark([['refused', 30]]))).toEqual(['reset-before-response on one only'])
  expect(compareMarks(buildMark([['refused', 3]]), buildMark([]))).toEqual([])
})

test('strangers: servers of the sample that are named where they are not', () => {
  const text = 'nginx received QUIT\nits server ended\nGunicorn left'
  expect(listStrangers(text, [])).toEqual(['nginx received QUIT', 'Gunicorn left'])
  expect(listStrangers(text, ['nginx'])).toEqual(['Gunicorn left'])
  expect(listStrangers('an engine x', [])).toEqual([])
  // A proxy that would have retried the request is not a server in the pods.
  expect(listStrangers('would send it again: Python’s urllib3, nginx with several upstreams', [])).toEqual([])
  expect(listStrangers('{"texts":["fresh","urllib3 nginx envoy","nginx"]}', ['gunicorn'])).toEqual([
    '{"texts":["fresh",,"nginx"]}',
  ])
})

test('docs/foreign-servers.md is what is made of the results', () => {
  const page = readFileSync(join(root, 'docs/foreign-servers.md'), 'utf8')
  expect(page).toBe(renderServersPage(readServerResults()))
})
