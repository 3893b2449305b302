/** The end of a pod as the cases tell it: deleted once everything is up, listened to until it is gone. */
import type { V1DeleteOptions, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { containerStatus, createPod, deletePod, gone } from './pods.ts'
import type { Scene } from './case-context.ts'
import { listen } from '../refusals/container-output.ts'
import type { Voice } from '../refusals/container-output.ts'

/** How soon "at once" is: the kubelet hears of the deletion, the container runtime starts a program to send the signal. */
export const atOnceMs = 1_500
/** The kubelet counts what is left of a grace period in whole seconds, so it may cut nearly one off. */
export const wholeSecondMs = 1_000
/** How much later than planned a busy machine may be. */
export const lateMs = 2_000

export interface Ending {
  /** Just before the deletion was asked for, wall clock. */
  deletedMs: number
  /** When the pod's object was gone. */
  goneMs: number
  last: V1Pod
  voices: Record<string, Voice>
}

const podName = 'one'

/** Every container has to say `up` first. */
export async function endPod(scene: Scene, spec: V1PodSpec, body: V1DeleteOptions = {}): Promise<Ending> {
  await createPod(scene, podName, spec)
  const voices = Object.fromEntries(spec.containers.map(({ name }) => [name, listen(scene, podName, name)]))
  for (const { name, restartPolicy } of spec.initContainers ?? [])
    if (restartPolicy === 'Always') voices[name] = listen(scene, podName, name)
  await Promise.all(Object.values(voices).map((voice) => voice.heard('up')))
  const deletedMs = await deletePod(scene, podName, body)
  const { atMs, pod } = await gone(scene, podName)
  await Promise.all(Object.values(voices).map((voice) => voice.silent()))
  return { deletedMs, goneMs: atMs, last: pod, voices }
}

/** What a container said, without repetitions in a row. */
export function wordsOf({ voices }: Ending, container: string): string[] {
  const words = voices[container]?.lines.map(({ text }) => text) ?? []
  return words.filter((text, index) => text !== words[index - 1])
}

/** Whole ms from the deletion to the first line with this text; `null` when it was never said. */
export function afterDeletionMs({ voices, deletedMs }: Ending, container: string, text: string): number | null {
  const line = voices[container]?.lines.find((line) => line.text === text)
  return line ? Math.round(line.atMs - deletedMs) : null
}

/** Whole ms from the deletion to the last sign of life. */
export function silentAfterMs({ voices, deletedMs }: Ending, container: string): number | null {
  const line = voices[container]?.lines.at(-1)
  return line ? Math.round(line.atMs - deletedMs) : null
}

export function exitCodeOf({ last }: Pick<Ending, 'last'>, container: string): number | null {
  return containerStatus(last, container)?.state?.terminated?.exitCode ?? null
}
