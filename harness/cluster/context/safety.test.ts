import { describe, expect, test } from 'vitest'
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { looksLikeProduction, checkSafety } from './safety.ts'

function buildContext(name: string, server: string, cluster = 'c'): NamedContext {
  return { name, cluster: { name: cluster, fields: { server } }, user: { name: 'u', fields: {} } }
}

test.each([
  'prod',
  'production',
  'PROD',
  'eu-prod-1',
  'gke_my-prod-project_europe_x',
  'prod1',
  'myProd',
  'euprod',
  'live',
  'shop-live',
  'prd',
  'admin@production.example',
])('%s looks like production', (name) => expect(looksLikeProduction(name)).toBe(true))

test.each([
  'staging',
  'product',
  'products-test',
  'nonprod',
  'preprod',
  'delivery',
  'olive',
  'kind-nodrop',
  'reproduce',
  'dev',
  '',
])('%j does not look like production', (name) => expect(looksLikeProduction(name)).toBe(false))

describe('safety: a context is refused', () => {
  test.each([
    [
      'when its name says production',
      buildContext('prod', 'https://127.0.0.1'),
      /^it looks like production by its name/,
    ],
    [
      "when its cluster's name does",
      buildContext('blue', 'https://127.0.0.1', 'eks-prod'),
      /^eks-prod looks like production/,
    ],
    [
      "when its server's name does",
      buildContext('blue', 'https://api.prod.invalid'),
      /^api\.prod\.invalid looks like production/,
    ],
    [
      'when its server has a public address',
      buildContext('blue', 'https://8.8.8.8:6443'),
      /its server is 8\.8\.8\.8, which is not a loopback or private/,
    ],
    [
      'when its server has a public IPv6 address',
      buildContext('blue', 'https://[2001:4860:4860::8888]:6443'),
      /not a loopback or private/,
    ],
    ['just beside the private ranges', buildContext('blue', 'https://172.32.0.1'), /not a loopback or private/],
  ])('%s', async (_, given, message) => {
    await expect(checkSafety(given, undefined)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
      advice: expect.stringContaining(`--allow-context ${given.name}`) as string,
    })
    await expect(checkSafety(given, given.name)).resolves.toContain('was allowed by name')
  })

  test('with what would be done to a workload that runs there', async () => {
    const given = buildContext('prod', 'https://127.0.0.1')
    await expect(checkSafety(given, undefined, 'Load is sent to it.')).rejects.toMatchObject({
      advice: 'Load is sent to it. If that is meant: --allow-context prod',
    })
  })

  test('when another one was allowed', async () => {
    await expect(checkSafety(buildContext('blue', 'https://10.0.0.1'), 'green')).rejects.toMatchObject({
      exitCode: 2,
      message: '--allow-context is for the context green, and this is blue',
    })
  })

  test('when the address of its server is unknown', async () => {
    await expect(checkSafety(buildContext('blue', 'https://nowhere.invalid'), undefined)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('the address of nowhere.invalid cannot be found') as string,
    })
  })
})

test.each([
  '127.0.0.1',
  'localhost',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.49.2',
  '[::1]',
  '[fd00::1]',
  '[::ffff:10.0.0.1]',
])('a server at %s is near', async (host) => {
  await expect(checkSafety(buildContext('blue', `https://${host}:6443`), undefined)).resolves.toContain(
    'private address',
  )
})
