import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectApi } from '../api.ts'
import { buildImages, loadImages } from './images.ts'
import { startKindCluster } from './kind-cluster.ts'

const nodeImage = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'
const repository = 'nodrop-test'

let stateDir: string
let folder: string
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'nodrop-images-'))
  folder = join(stateDir, 'apps')
  mkdirSync(join(folder, 'hello'), { recursive: true })
  writeFileSync(join(folder, 'README'), 'not an image\n')
  const dockerfile = 'FROM debian:bookworm-slim\nCOPY greeting extra /\nUSER 10001:10001\nCMD ["sleep", "600"]\n'
  writeFileSync(join(folder, 'hello', 'Dockerfile'), dockerfile)
  writeFileSync(join(folder, 'hello', 'greeting'), 'good morning\n')
  writeFileSync(join(stateDir, 'from-elsewhere'), 'and good night\n')
})
afterAll(() => {
  rmSync(stateDir, { recursive: true, force: true })
  const ids = runDocker('image', 'ls', '--quiet', `${repository}/hello`)
    .split('\n')
    .filter((id) => id !== '')
  if (ids.length > 0) runDocker('image', 'rm', '--force', ...new Set(ids))
})

const runDocker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' })
const readContent = (image: string): string =>
  runDocker('run', '--rm', '--network', 'none', image, 'cat', '/greeting', '/extra')

function buildVariant(lines: string[] = []): Promise<string[]> {
  const extra = { hello: { extra: join(stateDir, 'from-elsewhere') } }
  return buildImages({ folder, extra, stateDir, repository, log: (line) => lines.push(line) })
}

test('images: one is built again only when its context has changed', async () => {
  const first: string[] = []
  expect(await buildVariant(first)).toEqual([`${repository}/hello:dev`])
  expect(first[0]).toBe(`building the image ${repository}/hello`)
  expect(first.some((line) => line.includes('COPY greeting extra /'))).toBe(true)
  expect(readContent(`${repository}/hello:dev`)).toBe('good morning\nand good night\n')

  const second: string[] = []
  await buildVariant(second)
  expect(second).toEqual([])

  writeFileSync(join(folder, 'hello', 'greeting'), 'good evening\n')
  await buildVariant()
  expect(readContent(`${repository}/hello:dev`)).toBe('good evening\nand good night\n')

  writeFileSync(join(folder, 'hello', 'greeting'), 'good morning\n')
  const fourth: string[] = []
  await buildVariant(fourth)
  expect(fourth).toEqual([])
  expect(readContent(`${repository}/hello:dev`)).toBe('good morning\nand good night\n')
  expect(readdirSync(stateDir).sort()).toEqual(['apps', 'from-elsewhere'])
})

test('images: a failing Dockerfile fails with what Docker said', async () => {
  const broken = join(stateDir, 'broken')
  mkdirSync(join(broken, 'app'), { recursive: true })
  writeFileSync(join(broken, 'app', 'Dockerfile'), 'FROM debian:bookworm-slim\nCOPY missing /\n')
  const built = buildImages({ folder: broken, stateDir, repository, log: () => undefined })
  await expect(built).rejects.toThrow(/^Cannot build the image nodrop-test\/app:[0-9a-f]{16}: .*missing/s)
})

// Needs its own cluster, although every comparison on kind covers it too.
const all = process.env['NODROP_KIND'] === 'all'
test.runIf(all)('images: a loaded image runs on a cluster that pulls nothing', async () => {
  const images = await buildVariant()
  await using cluster = await startKindCluster({ stateDir, image: nodeImage, workers: 1, log: () => undefined })
  const lines: string[] = []
  await loadImages(cluster.kubeconfig, images, { log: (line) => lines.push(line) })
  await loadImages(cluster.kubeconfig, images, { log: (line) => lines.push(line) })
  expect(lines).toHaveLength(1)
  const api = connectApi(cluster.kubeconfig)
  const container = { name: 'hello', image: images[0] ?? '', imagePullPolicy: 'Never' }
  const body = { metadata: { name: 'hello' }, spec: { containers: [container], terminationGracePeriodSeconds: 0 } }
  await api.core.createNamespacedPod({ namespace: 'default', body })
  await expect
    .poll(async () => (await api.core.readNamespacedPod({ namespace: 'default', name: 'hello' })).status?.phase, {
      timeout: 30_000,
    })
    .toBe('Running')
  api.close()
})
