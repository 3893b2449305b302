import fc from 'fast-check'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import type { Deployed, DeployedObject } from '../../model/deployed.ts'
import { buildDeployed } from '../../testing/samples/sample-deployed.ts'
import { diffDeployed } from './deployed-diff.ts'
import type { ObjectDiff } from './deployed-diff.ts'

const naive = buildDeployed('naive')
const graceful = buildDeployed('graceful')

/** A single object in the form of plan.json. */
function deploy(spec: Record<string, unknown>, name = 'web'): Deployed {
  const object: DeployedObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec }
  return { objects: [object], images: [], source: { path: null, sha256: '' } }
}

const listLines = ([diff]: ObjectDiff[], kind: string): string[] =>
  diff?.lines.filter((line) => line.kind === kind).map(({ text }) => text.trim()) ?? []

test('diff: of what a preStop hook changes, only that', () => {
  const diffs = diffDeployed(naive, graceful)
  expect(diffs.map(({ name, change }) => [name, change])).toEqual([['Deployment web', 'changed']])
  expect(listLines(diffs, 'added')).toEqual(
    expect.arrayContaining(['lifecycle:', 'preStop:', 'exec:', '- sleep 8', '- gunicorn', '- app']),
  )
  expect(listLines(diffs, 'removed')).toContain('- gunicorn app')
  expect(listLines(diffs, 'removed')).not.toContain('image: nodrop/app:dev')
})

test('diff: none between runs of a configuration, in any order of fields', () => {
  expect(diffDeployed(graceful, buildDeployed('graceful'))).toEqual([])
  expect(diffDeployed(deploy({ a: 1, b: { c: 2, d: 3 } }), deploy({ b: { d: 3, c: 2 }, a: 1 }))).toEqual([])
})

test('diff: an object that only one of them has is there whole', () => {
  const [, deployment] = graceful.objects
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2 },
  }
  const guarded = { ...graceful, objects: [...graceful.objects, budget] }
  const added = diffDeployed(graceful, guarded)
  expect(added.map(({ name, change }) => [name, change])).toEqual([['PodDisruptionBudget web', 'added']])
  expect(parse(added[0]!.lines.map(({ text }) => text).join('\n'))).toEqual(budget)
  const removed = diffDeployed(graceful, { ...graceful, objects: [deployment!] })
  expect(removed.map(({ name, change }) => [name, change])).toEqual([['Service web', 'removed']])
  expect(new Set(removed[0]!.lines.map(({ kind }) => kind))).toEqual(new Set(['removed']))
})

test('diff: an image whose digest is another, though its name is the same', () => {
  const [image] = graceful.images
  const rebuilt = { ...graceful, images: [{ ...image!, digest: `sha256:${'cd'.repeat(32)}` }] }
  expect(diffDeployed(graceful, rebuilt)).toMatchObject([
    {
      name: 'Images',
      lines: [
        { kind: 'removed', text: `nodrop/app:dev@sha256:${'ab'.repeat(32)}` },
        { kind: 'added', text: `nodrop/app:dev@sha256:${'cd'.repeat(32)}` },
      ],
    },
  ])
})

test('diff: lines far from a difference are left out, and a gap says so', () => {
  const fields = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`field${String(n).padStart(2, '0')}`, n]))
  const [diff] = diffDeployed(deploy(fields), deploy({ ...fields, field05: -1, field30: -1 }))
  expect(diff!.lines.filter(({ kind }) => kind === 'gap')).toHaveLength(1)
  expect(diff!.lines.filter(({ kind }) => kind === 'same')).toHaveLength(4 * 3)
  expect(diff!.lines.find(({ kind }) => kind === 'same')?.text).toBe('  field02: 2')
})

test('diff: the lines of a side are those of its object, whatever it holds', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 3 }),
  )
  const spec = fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 3 })
  fc.assert(
    fc.property(spec, spec, (before, after) => {
      const [diff] = diffDeployed(deploy(before), deploy(after))
      if (diff === undefined) {
        expect(before).toEqual(after)
        return
      }
      const readSide = (kind: string): unknown =>
        parse(
          diff.lines
            .filter((line) => line.kind === 'same' || line.kind === kind)
            .map(({ text }) => text)
            .join('\n'),
        )
      // With few lines there is no gap, so each side can be restored.
      if (diff.lines.some(({ kind }) => kind === 'gap')) return
      const { spec: read } = readSide('added') as { spec?: unknown }
      if (read !== undefined) expect(read).toEqual(after)
    }),
    { numRuns: 200 },
  )
})
