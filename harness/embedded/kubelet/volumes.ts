/** A pod's volumes, as directories under the kubelet's own. */
import { chmod, lchown, lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { getErrorMessage } from '../../base/fault.ts'
import type { ConfigMap, Container, Pod, PodSpec } from '../store/objects.ts'
import { parseQuantity, roundUpToInteger } from '../store/quantity.ts'
import { canChangeOwners } from '../isolation/credentials.ts'
import type { Mount, Runtime } from '../runtime/runtime.ts'
import { extractFieldPathAsString } from '../containers/field-ref.ts'
import type { FieldValues } from '../containers/field-ref.ts'

export interface VolumeSources extends FieldValues {
  configMap: (name: string) => ConfigMap | undefined
}
type Volume = NonNullable<PodSpec['volumes']>[number]
interface File {
  path: string
  content: string | Buffer
  mode: number
}

/** Makes every volume of the pod under `directory`. Throws with the message of a FailedMount Event. */
export async function mountVolumes(
  directory: string,
  sources: VolumeSources,
  runtime: Pick<Runtime, 'limitVolume'>,
): Promise<void> {
  const group = sources.pod.spec?.securityContext?.fsGroup
  for (const volume of sources.pod.spec?.volumes ?? []) {
    const files = collectPayload(volume, sources)
    const root = join(directory, volume.name)
    await mkdir(root, { recursive: true })
    const limit = parseSizeLimit(volume)
    if (limit > 0) await runtime.limitVolume(root, limit)
    // An emptyDir is world-writable, as in Kubernetes: the kubelet does not know the containers' users.
    await chmod(root, volume.emptyDir ? 0o777 : 0o755)
    for (const file of files) {
      const path = join(root, checkRelativePath(file.path))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.content)
      await chmod(path, file.mode)
    }
    if (group !== undefined) await setVolumeOwnership(root, group, volume.emptyDir !== undefined)
  }
}

export async function unmountVolumes(
  directory: string,
  { spec }: Pod,
  runtime: Pick<Runtime, 'removeVolume'>,
): Promise<void> {
  for (const { name } of spec?.volumes ?? []) await runtime.removeVolume(join(directory, name))
}

/** In bytes; 0 is no limit. */
function parseSizeLimit({ emptyDir }: Volume): number {
  return Number(roundUpToInteger(parseQuantity(emptyDir?.sizeLimit ?? '0')))
}

/** As the kubelet does for fsGroup (pkg/volume/volume_linux.go, changeFilePermission). */
async function setVolumeOwnership(path: string, group: number, writable: boolean): Promise<void> {
  const stat = await lstat(path)
  const readAndWrite = writable ? 0o660 : 0o440
  if (canChangeOwners) await lchown(path, stat.uid, group)
  await chmod(path, (stat.mode & 0o7777) | readAndWrite | (stat.isDirectory() ? 0o2110 : 0))
  if (!stat.isDirectory()) return
  for (const name of await readdir(path)) await setVolumeOwnership(join(path, name), group, writable)
}

/** The mounts of the pod's volumes in a container. */
export function makeMounts(container: Container, spec: PodSpec, directory: string): Mount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const volume = spec.volumes?.find(({ name }) => name === mount.name)
    if (!volume) throw new Error(`volume "${mount.name}" of container ${container.name} is not among the pod's volumes`)
    return {
      hostPath: join(directory, volume.name, checkRelativePath(mount.subPath ?? '')),
      containerPath: mount.mountPath,
      // ConfigMap and downwardAPI volumes are always read-only (Kubernetes docs, "Volumes").
      readOnly: mount.readOnly === true || !volume.emptyDir,
    }
  })
}

function collectPayload(volume: Volume, sources: VolumeSources): File[] {
  try {
    return collectFiles(volume, sources)
  } catch (error) {
    throw new Error(`MountVolume.SetUp failed for volume "${volume.name}" : ${getErrorMessage(error)}`, {
      cause: error,
    })
  }
}

function collectFiles(volume: Volume, sources: VolumeSources): File[] {
  if (volume.emptyDir) return []
  if (volume.configMap) return collectConfigMapFiles(volume.configMap, sources)
  if (volume.downwardAPI) {
    const { items = [], defaultMode = 0o644 } = volume.downwardAPI
    return items.map(({ path, fieldRef, mode }) => {
      if (!fieldRef) throw new Error(`only fieldRef items are supported by the embedded cluster`)
      return { path, content: extractFieldPathAsString(fieldRef.fieldPath, sources), mode: mode ?? defaultMode }
    })
  }
  if (volume.secret) {
    if (volume.secret.optional === true) return []
    throw new Error(`secret "${volume.secret.secretName}" not found`)
  }
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  throw new Error(`${kind} is not supported by the embedded cluster; use emptyDir, configMap or downwardAPI`)
}

function collectConfigMapFiles(source: NonNullable<Volume['configMap']>, { configMap }: VolumeSources): File[] {
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
function checkRelativePath(path: string): string {
  const clean = normalize(path === '' ? '.' : path)
  if (clean.startsWith('/') || clean.split('/').includes('..')) {
    throw new Error(`path "${path}" must be relative and must not contain ".."`)
  }
  return clean
}
