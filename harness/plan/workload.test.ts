import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildSampleWorkload, noIdentification } from '../model/workload.ts'
import { buildWorkload } from './workload.ts'
import { readObjects } from './objects.ts'

const work = { workMs: 100 }
const sample = readObjects(join(import.meta.dirname, '../../manifests/base/web.yaml'))

/** A Deployment `shop` with one container, as users write it, and its Service `front-door`. */
function shop({ annotations = {}, clusterIP = undefined as string | undefined } = {}): object[] {
  const app = 'shop'
  return [
    {
      kind: 'Service',
      metadata: { name: 'front-door' },
      spec: { clusterIP, selector: { app }, ports: [{ port: 8080, targetPort: 3000 }] },
    },
    {
      kind: 'Deployment',
      metadata: { name: 'shop', annotations },
      spec: {
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: [app] }] },
        template: {
          metadata: { labels: { app, tier: 'web' } },
          spec: {
            containers: [
              { name: 'exporter', ports: [{ containerPort: 9000 }] },
              { name: 'server', ports: [{ containerPort: 3000 }] },
            ],
          },
        },
      },
    },
  ]
}

test('a workload: the sample’s manifests are what plans without one are read as', () => {
  expect(buildWorkload(sample, {}, work)).toEqual(buildSampleWorkload(work))
})

test('a workload: an own one is found by its objects, whatever their names', () => {
  expect(buildWorkload(shop(), {}, work)).toMatchObject({
    kind: 'Deployment',
    name: 'shop',
    selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['shop'] }] },
    containers: { names: ['exporter', 'server'], front: 'server' },
    service: { name: 'front-door', ports: [{ port: 8080 }] },
  })
})

test('a workload: annotations say what is asked for and which header names the pod', () => {
  const annotations = { 'nodrop.dev/path': '/cart?id=7', 'nodrop.dev/pod-header': 'X-Served-By' }
  expect(buildWorkload(shop({ annotations }), {}, work)).toMatchObject({
    path: '/cart?id=7',
    identification: { ...noIdentification, podHeader: 'x-served-by' },
  })
  const silent = { 'nodrop.dev/pod-header': '' }
  expect(buildWorkload(shop({ annotations: silent }), {}, work).identification).toEqual(noIdentification)
})

test('a workload: a configuration adds, changes and removes containers', () => {
  const containers = [
    { name: 'server', $patch: 'delete' },
    { name: 'exporter', image: 'exporter:2' },
    { name: 'proxy', ports: [{ containerPort: 3000 }] },
  ]
  const patch = { spec: { template: { spec: { containers } } } }
  expect(buildWorkload(shop(), patch, work).containers).toEqual({ names: ['exporter', 'proxy'], front: 'proxy' })
})

test.each<[what: string, objects: object[], problem: string]>([
  [
    'no Deployment',
    shop().slice(0, 1),
    'the base must have one Deployment, or one that is called web, found Service front-door',
  ],
  ['two of them', [...shop(), ...shop().slice(1)], 'found Deployment shop, Deployment shop'],
  ['no Service', shop().slice(1), 'no Service of the base selects pods with app=shop,tier=web'],
  ['a headless Service', shop({ clusterIP: 'None' }), 'the Service front-door is headless (clusterIP: None)'],
  ['no path', shop({ annotations: { 'nodrop.dev/path': 'cart' } }), 'must be a path that begins with /'],
  ['no header', shop({ annotations: { 'nodrop.dev/pod-header': 'a b' } }), 'must be the name of a header field'],
])('a workload: refused with %s', (_, objects, problem) => {
  expect(() => buildWorkload(objects, {}, work)).toThrow(problem)
})

test('a workload: what is malformed is left to the API server', () => {
  const broken = sample.map((object) =>
    object.kind === 'Deployment'
      ? { ...object, spec: { selector: 7, template: { spec: { containers: 'x' } } } }
      : object,
  )
  expect(buildWorkload(broken, { spec: 7 }, work)).toMatchObject({ name: 'web', containers: { names: [] } })
})
