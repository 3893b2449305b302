/** A pod's volumes, as directories under the kubelet's own. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { messageOf } from '../../fault.ts'
import type { ConfigMap, Container, PodSpec } from '../objects.ts'
import type { Mount } from '../runtime/runtime.ts'
import { fieldValue } from './field-ref.ts'
import type { FieldValues } from './field-ref.ts'

export interface VolumeSources extends FieldValues {
  configMap: (name: string) => ConfigMap | undefined
}
type Volume = NonNullable<PodSpec['volumes']>[number]
interface File {
  path: string
  content: string | Buffer
  mode: number
}

/** Makes every volume of the pod under `directory`. Throws what a FailedMount event tells. */
export async function makeVolumes(directory: string, sources: VolumeSources): Promise<void> {
  for (const volume of sources.pod.spec?.volumes ?? []) {
    const files = mustHave(volume, sources)
    const root = join(directory, volume.name)
    await mkdir(root, { recursive: true })
    // Containers run as users that the kubelet knows nothing of: an emptyDir is writable for all, as Kubernetes makes it.
    await chmod(root, volume.emptyDir ? 0o777 : 0o755)
    for (const file of files) {
      const path = join(root, inside(file.path))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.content)
      await chmod(path, file.mode)
    }
  }
}

/** What a container sees of the pod's volumes. */
export function mountsOf(container: Container, spec: PodSpec, directory: string): Mount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const volume = spec.volumes?.find(({ name }) => name === mount.name)
    if (!volume) throw new Error(`volume "${mount.name}" of container ${container.name} is not among the pod's volumes`)
    return {
      hostPath: join(directory, volume.name, inside(mount.subPath ?? '')),
      containerPath: mount.mountPath,
      // ConfigMap and downwardAPI volumes are read-only whatever the mount says (Kubernetes docs, "Volumes").
      readOnly: mount.readOnly === true || !volume.emptyDir,
    }
  })
}

function mustHave(volume: Volume, sources: VolumeSources): File[] {
  try {
    return filesOf(volume, sources)
  } catch (error) {
    throw new Error(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`, { cause: error })
  }
}

function filesOf(volume: Volume, sources: VolumeSources): File[] {
  if (volume.emptyDir) return []
  if (volume.configMap) return configMapFiles(volume.configMap, sources)
  if (volume.downwardAPI) {
    const { items = [], defaultMode = 0o644 } = volume.downwardAPI
    return items.map(({ path, fieldRef, mode }) => {
      if (!fieldRef) throw new Error(`only fieldRef items are supported by the embedded cluster`)
      return { path, content: fieldValue(fieldRef.fieldPath, sources), mode: mode ?? defaultMode }
    })
  }
  if (volume.secret) {
    if (volume.secret.optional === true) return []
    throw new Error(`secret "${volume.secret.secretName}" not found`)
  }
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  throw new Error(`${kind} is not supported by the embedded cluster; use emptyDir, configMap or downwardAPI`)
}

function configMapFiles(source: NonNullable<Volume['configMap']>, { configMap }: VolumeSources): File[] {
  const { name = '', items, optional, defaultMode = 0o644 } = source
  const map = configMap(name)
  if (!map) {
    if (optional === true) return []
    throw new Error(`configmap "${name}" not found`)
  }
  const contents = new Map<string, string | Buffer>(Object.entries(map.data ?? {}))
  for (const [key, value] of Object.entries(map.binaryData ?? {})) contents.set(key, Buffer.from(value, 'base64'))
  if (!items) return [...contents].map(([path, content]) => ({ path, content, mode: defaultMode }))
  return items.flatMap(({ key, path, mode }) => {
    const content = contents.get(key)
    if (content !== undefined) return [{ path, content, mode: mode ?? defaultMode }]
    if (optional === true) return []
    throw new Error(`configmap references non-existent config key: ${key}`)
  })
}

/** A path from a manifest must not lead out of its volume. */
function inside(path: string): string {
  const clean = normalize(path === '' ? '.' : path)
  if (clean.startsWith('/') || clean.split('/').includes('..')) {
    throw new Error(`path "${path}" must be relative and must not contain ".."`)
  }
  return clean
}
