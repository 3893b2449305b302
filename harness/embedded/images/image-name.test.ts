import { expect, test } from 'vitest'
import { normalizeReference } from './image-name.ts'

const digest = `sha256:${'0'.repeat(64)}`

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27'],
  ['nodrop/app:dev', 'docker.io/nodrop/app:dev'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/team/app:v1', 'localhost:5000/team/app:v1'],
  ['registry.example.com/a/b/c', 'registry.example.com/a/b/c:latest'],
  // A first part with a capital letter can only be a host.
  ['Registry/app', 'Registry/app:latest'],
  [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
  [`nginx:1.27@${digest}`, `docker.io/library/nginx:1.27@${digest}`],
  ['a__b/c--d/e.f_g', 'docker.io/a__b/c--d/e.f_g:latest'],
])('image name: %s is %s', (reference, whole) => {
  expect(normalizeReference(reference)).toBe(whole)
})

test.each([
  '',
  ' ',
  'a b',
  '/app',
  'app/',
  'a//b',
  'app:',
  'app:-v',
  'app@sha256:12',
  '-app',
  'a___b',
  `app:${'v'.repeat(129)}`,
])('image name: %j is refused as the kubelet words it', (reference) => {
  const message = `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`
  expect(() => normalizeReference(reference)).toThrow(expect.objectContaining({ reason: 'InvalidImageName', message }))
})

test('image name: capital letters in a repository are named as the fault', () => {
  expect(() => normalizeReference('docker.io/Team/App:v1')).toThrow('repository name (Team/App) must be lowercase')
})
