import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Pod, PodSpec, Stored } from '../store/objects.ts'
import { canChangeOwners } from '../isolation/credentials.ts'
import { mountVolumes, unmountVolumes } from './volumes.ts'

/** Makes the volumes of a pod with a ConfigMap `cfg` beside it; returns their directory and the requests to the runtime. */
async function makeTestVolumes(spec: Partial<PodSpec>): Promise<{ directory: string; asked: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-volumes-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const metadata = { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' }
  const pod: Stored<Pod> = { metadata, spec: { containers: [], ...spec } }
  const asked: string[] = []
  const runtime = {
    limitVolume: (path: string, bytes: number): Promise<void> => {
      asked.push(`${path.slice(directory.length)} ${bytes}`)
      return Promise.resolve()
    },
    removeVolume: (path: string): Promise<void> => {
      asked.push(`${path.slice(directory.length)} removed`)
      return Promise.resolve()
    },
  }
  const createConfigMap = (): object => ({ data: { key: 'value' } })
  await mountVolumes(directory, { pod, podIp: '', hostIp: '', configMap: createConfigMap }, runtime)
  await unmountVolumes(directory, pod, runtime)
  return { directory, asked }
}

test('Volumes: an emptyDir has its sizeLimit, 0 is none', async () => {
  const createLimitedVolume = (name: string, emptyDir: object): object => ({ name, emptyDir })
  const volumes = [
    createLimitedVolume('a', { sizeLimit: '1Mi' }),
    createLimitedVolume('b', {}),
    createLimitedVolume('c', { sizeLimit: '0' }),
  ]
  const { asked } = await makeTestVolumes({ volumes: volumes as NonNullable<PodSpec['volumes']> })
  expect(asked).toEqual(['/a 1048576', '/a removed', '/b removed', '/c removed'])
})

test('Volumes: with an fsGroup they belong to that group', async () => {
  const volumes = [
    { name: 'work', emptyDir: {} },
    { name: 'cfg', configMap: { name: 'cfg', defaultMode: 0o600 } },
  ]
  const { directory } = await makeTestVolumes({ volumes, securityContext: { fsGroup: 2000 } })
  const shown = ['work', 'cfg', 'cfg/key'].map((name) => {
    const { mode, gid } = statSync(join(directory, name))
    return [name, (mode & 0o7777).toString(8), canChangeOwners ? gid : 2000]
  })
  expect(shown).toEqual([
    ['work', '2777', 2000],
    ['cfg', '2755', 2000],
    ['cfg/key', '640', 2000],
  ])
})
