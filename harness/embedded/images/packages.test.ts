import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseDockerfile } from './dockerfile.ts'
import { findMissingPackages, listImagePackages, listPackages } from './packages.ts'

/** A folder of images, by the text of their Dockerfiles. */
function createImages(dockerfiles: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-images-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(dockerfiles)) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'Dockerfile'), text)
  }
  return folder
}

test('packages: those that dpkg has not installed are missing, known or not', async () => {
  expect(await findMissingPackages(['dpkg', 'nodrop-no-such-package', 'coreutils'])).toEqual(['nodrop-no-such-package'])
  expect(await findMissingPackages(['dpkg'])).toEqual([])
  expect(await findMissingPackages([])).toEqual([])
})

test('packages: every RUN of a Dockerfile may install some', () => {
  const text =
    'FROM debian\nRUN apt-get update && apt-get install -y nginx curl\nRUN true\nRUN apt-get install -y perl=5'
  expect(listPackages(parseDockerfile(text, 'Dockerfile'))).toEqual(['nginx', 'curl', 'perl'])
})

test('packages: a RUN that is not understood is named with its file and line', () => {
  const text = 'FROM debian\n\nRUN if true; then apt-get install -y nginx; fi'
  expect(() => listPackages(parseDockerfile(text, 'apps/x/Dockerfile'))).toThrow('apps/x/Dockerfile:3: RUN: apt-get is')
})

test('packages: of all images together each is listed once, sorted', async () => {
  const folder = createImages({
    app: 'FROM debian\nRUN apt-get install -y python3 curl',
    nginx: 'FROM debian\nRUN apt-get install -y nginx curl',
    plain: 'FROM debian',
  })
  writeFileSync(join(folder, 'README.md'), 'no image')
  expect(await listImagePackages(folder)).toEqual(['curl', 'nginx', 'python3'])
})

test('packages: an image whose Dockerfile cannot be read is an error', async () => {
  await expect(listImagePackages(createImages({ app: 'FROM scratch' }))).rejects.toThrow(
    'app/Dockerfile:1: FROM: scratch',
  )
  const folder = createImages({})
  mkdirSync(join(folder, 'app', 'Dockerfile'), { recursive: true })
  await expect(listImagePackages(folder)).rejects.toThrow('EISDIR')
})

test('packages: a folder without a Dockerfile is no image', async () => {
  const folder = createImages({ app: 'FROM debian\nRUN apt-get install -y curl' })
  mkdirSync(join(folder, 'servers', 'node'), { recursive: true })
  expect(await listImagePackages(folder)).toEqual(['curl'])
})
